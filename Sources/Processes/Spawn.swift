import Glibc
import SystemIO

/// Starts programs by posix_spawn, like a shell: default signal handlers, no blocked signals.
package enum Spawn {
  /// How the program is isolated from the terminal: Ctrl-C reaches neither kind.
  package enum ProcessIsolation {
    /// Its own session, without a terminal.
    case session
    /// Its own process group, which can be signaled as a whole.
    case group
  }

  /// The file of one of the program's descriptors.
  package enum File {
    case path(String, flags: Int32)
    case copy(of: Int32)
    case closed
  }

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - words: the program (a path, or a name that is searched in PATH) and its arguments.
  ///   - environment: the complete environment, `NAME=value`.
  ///   - files: its descriptors, in the order in which they are opened.
  /// - Returns: its process number.
  package static func start(
    _ words: [String], environment: [String], files: [(descriptor: Int32, file: File)], in company: ProcessIsolation
  ) throws(ProcessError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, file) in files {
      switch file {
      case .path(let path, let flags): posix_spawn_file_actions_addopen(&actions, descriptor, path, flags, 0o644)
      case .copy(let other): posix_spawn_file_actions_adddup2(&actions, other, descriptor)
      case .closed: posix_spawn_file_actions_addclose(&actions, descriptor)
      }
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var all = sigset_t()
    var none = sigset_t()
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    let own = company == .session ? 0x80 /* POSIX_SPAWN_SETSID */ : POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | own))

    var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let failure = posix_spawnp(&pid, words[0], &actions, &attributes, &argv, &envp)
    guard failure == 0 else { throw ProcessError("\(words[0]): \(systemMessage(failure))") }
    return pid
  }

  /// A command line that starts a program in a folder: posix_spawn's function for that is a GNU extension that Swift does not import.
  package static func words(_ program: String, _ arguments: [String], in folder: String) -> [String] {
    ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder, program] + arguments
  }

  /// The exit status, or 128 + the signal, from a status of waitpid(2).
  package static func code(_ status: Int32) -> Int32 {
    status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
  }

  /// The environment of this process.
  package static var environment: [String: String] {
    var all: [String: String] = [:]
    var entry = environ
    while let pointer = entry.pointee {
      let parts = String(cString: pointer).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { all[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    return all
  }
}

/// A program could not be started.
package struct ProcessError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What failed, in one line.
  package let description: String

  init(_ description: String) { self.description = description }
}

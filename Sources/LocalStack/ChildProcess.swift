import Glibc

/// A program started in its own session, so that Ctrl-C in the terminal reaches this process only.
struct ChildProcess {
  let pid: pid_t

  /// - Parameters:
  ///   - user: the user it runs as; nil: the current user.
  ///   - input: the descriptor of its standard input; nil: /dev/null.
  ///   - log: the file its output goes to, appended.
  static func start(
    _ program: String, _ arguments: [String], as user: (user: uid_t, group: gid_t)? = nil, in folder: String, input: Int32? = nil,
    log: String
  ) throws(DevServicesError) -> ChildProcess {
    let words = words(program, arguments, as: user, in: folder)
    var files: [(descriptor: Int32, file: Spawn.File)] = [
      (0, input.map { .copy(of: $0) } ?? .path("/dev/null", flags: O_RDONLY)),
      (1, .path(log, flags: O_WRONLY | O_CREAT | O_APPEND)),
      (2, .copy(of: 1)),
    ]
    // It inherits no other descriptor: a pipe that it kept open would never end for its reader. (Closing a closed descriptor is not an error here.)
    for descriptor in openDescriptors() where descriptor > 2 { files.append((descriptor, .closed)) }
    // A fixed environment: the user's PG* variables refer to another server.
    let environment = ["PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C", "TZ=UTC"]
    let pid = try Spawn.start(words, environment: environment, files: files, in: .session)
    return ChildProcess(pid: pid)
  }

  /// The command line that runs a program as another user.
  static func words(
    _ program: String, _ arguments: [String], as user: (user: uid_t, group: gid_t)?, in folder: String
  ) -> [String] {
    let words = Spawn.words(program, arguments, in: folder)
    guard let user else { return words }
    // util-linux is in every Debian and Ubuntu; setpriv becomes the program: the process number stays.
    return ["/usr/bin/setpriv", "--reuid=\(user.user)", "--regid=\(user.group)", "--clear-groups", "--"] + words
  }

  /// Waits for its end; the exit status, or 128 + the signal.
  @discardableResult
  func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    return Spawn.code(status)
  }

  /// The exit status if it has ended (do not call it again then), nil if it is running.
  func exitStatus() -> Int32? {
    var status: Int32 = 0
    return waitpid(pid, &status, WNOHANG) == pid ? Spawn.code(status) : nil
  }

  /// Sends `signal` and waits for its end; sends `harder` after `seconds`.
  func end(signal: Int32, harder: Int32 = SIGKILL, seconds: Double = 20) {
    kill(pid, signal)
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
      if exitStatus() != nil { return }
      usleep(5_000)
    }
    kill(pid, harder)
    wait()
  }

  private static func openDescriptors() -> [Int32] {
    PostgresPrograms.entries(of: "/proc/self/fd").compactMap { Int32($0) }
  }
}

/// Starts programs by posix_spawn, like a shell: default signal handlers, no blocked signals.
public enum Spawn {
  /// How the program is isolated from the terminal: Ctrl-C reaches neither kind.
  public enum ProcessIsolation {
    /// Its own session, without a terminal.
    case session
    /// Its own process group, which can be signaled as a whole.
    case group
  }

  /// The file of one of the program's descriptors.
  public enum File {
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
  public static func start(
    _ words: [String], environment: [String], files: [(descriptor: Int32, file: File)], in company: ProcessIsolation
  ) throws(DevServicesError) -> pid_t {
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
    guard failure == 0 else { throw DevServicesError("\(words[0]): \(String(cString: strerror(failure)))") }
    return pid
  }

  /// A command line that starts a program in a folder: posix_spawn's function for that is a GNU extension that Swift does not import.
  public static func words(_ program: String, _ arguments: [String], in folder: String) -> [String] {
    ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder, program] + arguments
  }

  /// The exit status, or 128 + the signal, from a status of waitpid(2).
  public static func code(_ status: Int32) -> Int32 {
    status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
  }

  /// The environment of this process.
  public static var environment: [String: String] {
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

/// The result of a completed program: its output and the resources it used.
public struct ProcessResult: Sendable {
  /// The exit status, or 128 + the signal that ended it.
  public let status: Int32
  /// Its standard output.
  public let output: String
  /// Its standard error.
  public let errors: String
  /// The time from start to end.
  public let elapsed: Duration
  /// Its peak resident memory in bytes (getrusage(2)).
  public let peakMemory: Int
  /// User and system time.
  public let processorTime: Duration

  /// Runs a program in its own session, so that Ctrl-C in the terminal reaches this process only.
  ///
  /// - Parameters:
  ///   - path: an absolute path, or a name that is searched in PATH.
  ///   - environment: changes to this process's environment; nil removes a variable.
  ///   - input: the file of its standard input; nil: /dev/null.
  ///   - stop: a descriptor that becomes readable when the program should stop; it then gets SIGTERM.
  public static func run(
    _ path: String, _ arguments: [String], environment: [String: String?] = [:], input: String? = nil, stop: Int32 = -1
  ) throws(DevServicesError) -> ProcessResult {
    let output = try OutputPipe()
    let errors = try OutputPipe()
    let start = ContinuousClock.now
    let pid = try Spawn.start(
      [path] + arguments, environment: merged(environment),
      files: [
        (0, .path(input ?? "/dev/null", flags: O_RDONLY)), (1, .copy(of: output.writer)), (2, .copy(of: errors.writer)),
      ], in: .session)
    output.closeWriter()
    errors.closeWriter()
    var stop = stop
    while output.isOpen || errors.isOpen {
      var ready = [output.descriptor, errors.descriptor, stop].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&ready, 3, -1) >= 0 else { continue }
      if ready[0].revents != 0 { output.read() }
      if ready[1].revents != 0 { errors.read() }
      if ready[2].revents != 0 {
        kill(pid, SIGTERM)
        stop = -1
      }
    }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(pid, &status, 0, &usage) < 0 && errno == EINTR {}
    return ProcessResult(
      status: Spawn.code(status),
      output: output.text, errors: errors.text, elapsed: .now - start, peakMemory: usage.ru_maxrss * 1024,
      processorTime: duration(usage.ru_utime) + duration(usage.ru_stime))
  }

  private static func duration(_ time: timeval) -> Duration { .seconds(time.tv_sec) + .microseconds(time.tv_usec) }

  private static func merged(_ changes: [String: String?]) -> [String] {
    var all = Spawn.environment
    for (name, value) in changes { all[name] = value }
    return all.map { "\($0)=\($1)" }
  }
}

/// The read end of a pipe that a program writes to.
private final class OutputPipe {
  private(set) var descriptor: Int32
  private(set) var writer: Int32
  private var bytes: [UInt8] = []

  init() throws(DevServicesError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw DevServicesError("pipe: \(String(cString: strerror(errno)))") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (descriptor, writer) = (ends[0], ends[1])
  }

  deinit {
    closeWriter()
    if isOpen { close(descriptor) }
  }

  var isOpen: Bool { descriptor >= 0 }
  var text: String { String(decoding: bytes, as: UTF8.self) }

  func closeWriter() {
    if writer >= 0 { close(writer) }
    writer = -1
  }

  func read() {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = Glibc.read(descriptor, &chunk, chunk.count)
    if count > 0 {
      bytes += chunk[..<count]
    } else if count == 0 || errno != EINTR {
      close(descriptor)
      descriptor = -1
    }
  }
}

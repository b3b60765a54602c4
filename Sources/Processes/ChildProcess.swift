import Glibc
import SystemIO

/// A program started in its own session, so that Ctrl-C in the terminal reaches this process only.
package struct ChildProcess: Sendable {
  let pid: pid_t

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - user: the user it runs as; nil: the current user.
  ///   - input: the descriptor of its standard input; nil: /dev/null.
  ///   - log: the file its output goes to, appended.
  package static func start(
    _ program: String, _ arguments: [String], as user: (user: uid_t, group: gid_t)? = nil, in folder: String, input: Int32? = nil,
    log: String
  ) throws(ProcessError) -> ChildProcess {
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
  package static func words(
    _ program: String, _ arguments: [String], as user: (user: uid_t, group: gid_t)?, in folder: String
  ) -> [String] {
    let words = Spawn.words(program, arguments, in: folder)
    guard let user else { return words }
    // util-linux is in every Debian and Ubuntu; setpriv becomes the program: the process number stays.
    return ["/usr/bin/setpriv", "--reuid=\(user.user)", "--regid=\(user.group)", "--clear-groups", "--"] + words
  }

  /// Waits for its end; the exit status, or 128 + the signal.
  @discardableResult
  package func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    return Spawn.code(status)
  }

  /// The exit status if it has ended (do not call it again then), nil if it is running.
  package func exitStatus() -> Int32? {
    var status: Int32 = 0
    return waitpid(pid, &status, WNOHANG) == pid ? Spawn.code(status) : nil
  }

  /// Sends `signal` and waits for its end; sends `harder` after `timeout`.
  package func end(signal: Int32, harder: Int32 = SIGKILL, timeout: Duration = .seconds(20)) {
    kill(pid, signal)
    let deadline = ContinuousClock.now + timeout
    while ContinuousClock.now < deadline {
      if exitStatus() != nil { return }
      usleep(5_000)
    }
    kill(pid, harder)
    wait()
  }

  private static func openDescriptors() -> [Int32] { directoryEntries("/proc/self/fd").compactMap { Int32($0) } }
}

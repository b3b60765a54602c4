import Glibc

/// A program started in a session of its own, so that Ctrl-C in the terminal reaches us and not it.
struct ChildProcess {
  let pid: pid_t

  /// - Parameters:
  ///   - user: whom it runs as; nil: as we are.
  ///   - input: the descriptor it reads from; nil: nothing.
  ///   - log: the file its output goes to, appended.
  static func start(
    _ program: String, _ arguments: [String], as user: (user: uid_t, group: gid_t)? = nil, in folder: String, input: Int32? = nil,
    log: String
  ) throws(LocalStackError) -> ChildProcess {
    // The shell goes to the folder and becomes the program; posix_spawn's own way is a GNU extension that Swift does not see.
    var words = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder, program] + arguments
    if let user {
      // util-linux is in every Debian and Ubuntu; setpriv becomes the program: the process number stays.
      words = ["/usr/bin/setpriv", "--reuid=\(user.user)", "--regid=\(user.group)", "--clear-groups", "--"] + words
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // Nothing else of ours is held open by it: a pipe that it kept would never end for its reader. (Closing a closed one is no error here.)
    for descriptor in openDescriptors() where descriptor > 2 { posix_spawn_file_actions_addclose(&actions, descriptor) }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var all = sigset_t()
    var none = sigset_t()
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | 0x80 /* POSIX_SPAWN_SETSID */))

    // A fixed environment: the user's PG* variables are about another server.
    let environment = ["PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C", "TZ=UTC"]
    var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let status = posix_spawn(&pid, words[0], &actions, &attributes, &argv, &envp)
    guard status == 0 else { throw LocalStackError("\(words[0]): \(String(cString: strerror(status)))") }
    return ChildProcess(pid: pid)
  }

  /// Waits for its end; the exit status, or 128 + the signal.
  @discardableResult
  func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    return Self.code(status)
  }

  /// The exit status if it has ended (and then it must not be asked again), nil if it runs.
  func exitStatus() -> Int32? {
    var status: Int32 = 0
    return waitpid(pid, &status, WNOHANG) == pid ? Self.code(status) : nil
  }

  /// Signals it and waits for its end, harder after `seconds`.
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

  private static func code(_ status: Int32) -> Int32 {
    status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
  }
}

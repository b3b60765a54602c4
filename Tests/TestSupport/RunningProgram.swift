import Glibc

/// A program under test while it runs. Its output goes to files, so that it never waits for us.
public final class RunningProgram {
  public let pid: pid_t
  private let outputPath: String
  private let errorsPath: String
  private let folder: String
  private var status: Int32?

  /// - Parameters:
  ///   - program: a product of this package by name, or a path.
  ///   - environment: what differs from ours; without variables that speak of brokers and databases unless they stand here.
  ///   - input: standard input.
  ///   - directory: where it runs; nil: the package's folder.
  public init(
    _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], input: String = "", directory: String? = nil
  ) throws {
    let template = strdup("/tmp/netflix-run.XXXXXX")
    defer { free(template) }
    guard let template, mkdtemp(template) != nil else { throw TestSupportError("no temporary folder") }
    folder = String(cString: template)
    (outputPath, errorsPath) = (folder + "/out", folder + "/err")
    let inputPath = try TemporaryFolder(path: folder).write("in", input)

    let path = program.contains("/") ? program : "\(TestProject.products)/\(program)"
    // posix_spawn has no working directory without GNU's extension: the shell goes there and becomes the program.
    let words = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", directory ?? TestProject.folder, path] + arguments
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, inputPath, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, errorsPath, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var all = sigset_t()
    var none = sigset_t()
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    // A group of its own, so that a test can press Ctrl-C for it and its children alone.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))

    var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = Self.environment(environment).map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let failure = posix_spawn(&pid, words[0], &actions, &attributes, &argv, &envp)
    guard failure == 0 else { throw TestSupportError("\(path): \(String(cString: strerror(failure)))") }
    self.pid = pid
  }

  deinit {
    if status == nil {
      Glibc.kill(-pid, SIGKILL)
      var ended: Int32 = 0
      waitpid(pid, &ended, 0)
    }
    for file in [outputPath, errorsPath, folder + "/in"] { unlink(file) }
    rmdir(folder)
  }

  /// What it has written so far.
  public var output: String { readFile(outputPath) ?? "" }
  public var errors: String { readFile(errorsPath) ?? "" }

  /// Sends it a signal; as `-pid` would, to its children as well, if asked.
  public func signal(_ number: Int32, group: Bool = false) { Glibc.kill(group ? -pid : pid, number) }

  public var isRunning: Bool {
    if status != nil { return false }
    var ended: Int32 = 0
    guard waitpid(pid, &ended, WNOHANG) == pid else { return true }
    status = Self.code(ended)
    return false
  }

  /// Waits for its end.
  ///
  /// - Throws: where it has not ended after `seconds`; then it is killed.
  public func wait(seconds: Double = 120) throws -> ProgramResult {
    try wait(until: "it ends", seconds: seconds) { !isRunning }
    return ProgramResult(status: status ?? -1, output: output, errors: errors)
  }

  /// Waits for something it does; looks every 10 ms.
  public func wait(until what: String, seconds: Double = 120, _ condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
      guard ContinuousClock.now < deadline else {
        signal(SIGKILL, group: true)
        throw TestSupportError("after \(seconds) s still waiting until \(what); its output:\n\(output)\n\(errors)")
      }
      usleep(10_000)
    }
  }

  /// The exit status, or 128 + the signal that ended it.
  private static func code(_ status: Int32) -> Int32 { status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f) }

  private static func environment(_ changes: [String: String]) -> [String] {
    var all: [String: String] = [:]
    var entry = environ
    while let pointer = entry.pointee {
      let parts = String(cString: pointer).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { all[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    let speaking = ["KAFKA_", "DATABASE_URL", "NETFLIX_", "PG", "NO_COLOR", "TERM"]
    all = all.filter { name, _ in !speaking.contains { name.hasPrefix($0) } }
    return all.merging(changes) { $1 }.map { "\($0)=\($1)" }
  }
}

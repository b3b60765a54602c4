import Glibc
import Processes

/// A running program under test. Its output goes to files, so that it never blocks on the test.
package final class RunningProgram {
  /// The process number.
  package let pid: pid_t
  private let outputPath: String
  private let errorsPath: String
  private let folder: String
  private var status: Int32?

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: a product of this package by name, or a path.
  ///   - environment: changes to this process's environment, from which variables about brokers and databases are removed.
  ///   - input: standard input.
  ///   - directory: its working directory; nil: the package's folder.
  package init(
    _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], input: String = "", directory: String? = nil
  ) throws {
    let template = strdup("/tmp/netflix-run.XXXXXX")
    defer { free(template) }
    guard let template, mkdtemp(template) != nil else { throw TestSupportError("no temporary folder") }
    folder = String(cString: template)
    (outputPath, errorsPath) = (folder + "/out", folder + "/err")
    let inputPath = try TemporaryFolder(path: folder).write("in", input)

    let path = program.contains("/") ? program : "\(TestProject.products)/\(program)"
    // Its own process group, so that a test can send Ctrl-C to it and its children only.
    let append = O_WRONLY | O_CREAT | O_APPEND
    pid = try Spawn.start(
      Spawn.words(path, arguments, in: directory ?? TestProject.folder), environment: Self.environment(environment),
      files: [
        (0, .path(inputPath, flags: O_RDONLY)), (1, .path(outputPath, flags: append)), (2, .path(errorsPath, flags: append)),
      ], in: .group)
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

  /// Its standard output so far.
  package var output: String { readFile(outputPath) ?? "" }
  /// Its standard error so far.
  package var errors: String { readFile(errorsPath) ?? "" }

  /// Sends it a signal; with `group`, also to its children.
  package func signal(_ number: Int32, group: Bool = false) { Glibc.kill(group ? -pid : pid, number) }

  /// Whether it has not ended.
  package var isRunning: Bool {
    if status != nil { return false }
    var ended: Int32 = 0
    guard waitpid(pid, &ended, WNOHANG) == pid else { return true }
    status = Spawn.code(ended)
    return false
  }

  /// Waits for its end.
  ///
  /// - Throws: if it has not ended after `seconds`; it is killed then.
  package func wait(seconds: Double = 120) throws -> ProgramResult {
    try wait(until: "it ends", seconds: seconds) { !isRunning }
    return ProgramResult(status: status ?? -1, output: output, errors: errors)
  }

  /// Waits until the condition is true, and checks it every 10 ms. Throws after `seconds`, and kills the program and its children.
  package func wait(until what: String, seconds: Double = 120, _ condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
      guard ContinuousClock.now < deadline else {
        signal(SIGKILL, group: true)
        throw TestSupportError("after \(seconds) s still waiting until \(what); its output:\n\(output)\n\(errors)")
      }
      usleep(10_000)
    }
  }

  private static func environment(_ changes: [String: String]) -> [String] {
    var all = Spawn.environment
    let speaking = ["KAFKA_", "DATABASE_URL", "NETFLIX_", "PG", "NO_COLOR", "TERM"]
    all = all.filter { name, _ in !speaking.contains { name.hasPrefix($0) } }
    return all.merging(changes) { $1 }.map { "\($0)=\($1)" }
  }
}

/// Waits until the condition is true, and checks it every 10 ms. Throws after `seconds`.
package func wait(until what: String, seconds: Double = 180, _ condition: () throws -> Bool) throws {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while try !condition() {
    guard ContinuousClock.now < deadline else { throw TestSupportError("after \(seconds) s still waiting until \(what)") }
    usleep(10_000)
  }
}

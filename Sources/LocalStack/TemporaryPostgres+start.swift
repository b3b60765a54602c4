import Glibc
import Postgres

/// The start of the server: folder, initdb, port, and waiting until it accepts connections.
extension TemporaryPostgres {
  static func makeFolder() throws(DevServicesError) -> String {
    let wanted = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let parent = wanted.utf8.count <= 40 ? wanted : "/tmp"
    let template = strdup("\(parent)/netflix-postgres.XXXXXX")
    defer { free(template) }
    guard let template, mkdtemp(template) != nil else {
      throw DevServicesError("\(parent): \(String(cString: strerror(errno)))", advice: "set TMPDIR to a folder that can be written")
    }
    let folder = String(cString: template)
    if let user = try PostgresPrograms.unprivilegedUser() { chown(folder, user.user, user.group) }
    return folder
  }

  func initialise() throws(DevServicesError) {
    let user = try PostgresPrograms.unprivilegedUser()
    let passwordFile = folder + "/password"
    let descriptor = open(passwordFile, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    let line = Array((Self.password + "\n").utf8)
    let written = write(descriptor, line, line.count)
    let code = errno
    close(descriptor)
    guard written == line.count else { throw Self.noRoom(in: folder, String(cString: strerror(code))) }
    if let user { chown(passwordFile, user.user, user.group) }
    defer { unlink(passwordFile) }
    // Its words come by a pipe: on a full disk they could not be written to a file.
    let words = ChildProcess.words(
      programs.initdb,
      [
        "--pgdata=\(folder)/data", "--username=\(Self.user)", "--pwfile=\(passwordFile)", "--encoding=UTF8", "--locale=C", "--no-sync",
        "--no-instructions", "--auth-local=trust", "--auth-host=scram-sha-256",
      ], as: user, in: folder)
    // The user's PG* variables are about another server.
    let own = Spawn.environment.keys.filter { $0.hasPrefix("PG") }.map { ($0, String?.none) }
    let environment = Dictionary(own + [("LC_ALL", "C"), ("TZ", "UTC")]) { $1 }
    let run = try ProcessResult.run(words[0], Array(words.dropFirst()), environment: environment)
    guard run.status == 0 else {
      let said = String(run.errors.suffix(2000))
      throw DevServicesError("initdb failed in \(folder)", advice: said.isEmpty ? "it ended with status \(run.status)" : said)
    }
  }

  /// Starts it on a port that the system chooses, and on another one if a process has taken that port since.
  func start() throws(DevServicesError) {
    for attempt in 1...5 {
      if listening == .port {
        let port = try LoopbackSocket.freePort()
        state.withLock { $0.port = port }
      }
      do {
        return try launch()
      } catch {
        guard listening == .port, attempt < 5, logTail().contains("Address already in use") else { throw error }
      }
    }
  }

  func launch() throws(DevServicesError) {
    let user = try PostgresPrograms.unprivilegedUser()
    let options = settings.merging(["port": String(port)]) { $1 }.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
    let server = try ChildProcess.start(programs.postgres, ["-D", folder + "/data"] + options, as: user, in: folder, log: log)
    state.withLock { $0.server = server }
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      do throws(PostgresError) {
        return try PostgresConnection.open(url(database: "postgres"), applicationName: "private-postgres").close()
      } catch {
        if server.exitStatus() != nil {
          state.withLock { $0.server = nil }
          let said = logTail()
          throw DevServicesError(
            "the private Postgres did not start", advice: said.isEmpty ? "it logged nothing: check the free space of \(folder)" : said)
        }
        guard error.kind == .unavailable, ContinuousClock.now < deadline else {
          throw DevServicesError("the private Postgres does not answer: \(error)", advice: logTail())
        }
      }
      usleep(10_000)
    }
  }

  private static func noRoom(in folder: String, _ reason: String) -> DevServicesError {
    DevServicesError("\(folder): \(reason)", advice: "free space there, or set TMPDIR to another folder")
  }

  private func logTail() -> String {
    guard let file = fopen(log, "r") else { return "" }
    defer { fclose(file) }
    fseek(file, -2000, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: 2000)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}

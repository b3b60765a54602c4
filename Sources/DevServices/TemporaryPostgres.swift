import Glibc
import Postgres
import Processes
import Synchronization
import SystemIO

/// A temporary Postgres server in its own folder, for the demo and the tests. It also works as root.
///
/// Database `netflixdb`, user and password `netflix`. On its socket it trusts every user with access to the folder; on a port it requires the
/// password. ``stop()`` removes it, and so does the end of this process, even after a crash or SIGKILL.
package final class TemporaryPostgres: Sendable {
  /// How clients connect.
  package enum Listening: Sendable {
    /// A Unix socket in its folder; users without access to the folder cannot connect.
    case socket
    /// A port of 127.0.0.1 that the system chooses.
    case port
  }

  /// The server's folder; its path is short, because a socket's path is limited to 107 bytes.
  package let folder: String
  /// How clients connect.
  package let listening: Listening
  /// The port; for a socket it is part of the socket's name.
  package var port: Int { state.withLock { $0.port } }

  static let user = "netflix"
  static let password = "netflix"
  static let database = "netflixdb"

  struct State {
    var server: ChildProcess?
    var keeper: CleanupWatchdog?
    var port: Int
  }

  let programs: PostgresPrograms
  let settings: [String: String]
  let state: Mutex<State>

  /// Creates the folder and starts the server.
  ///
  /// - Parameters:
  ///   - fast: without fsync: suitable for data that may be lost in a crash of the machine, not for a benchmark.
  ///   - settings: additional settings of postgresql.conf.
  package convenience init(_ listening: Listening = .socket, fast: Bool = true, settings: [String: String] = [:]) throws(DevServicesError) {
    let programs = try PostgresPrograms.find()
    let folder = try Self.makeFolder()
    let keeper: CleanupWatchdog
    do {
      keeper = try CleanupWatchdog(folder: folder)
    } catch {
      rmdir(folder)
      throw error
    }
    var all = ["listen_addresses": "", "unix_socket_directories": folder, "max_connections": "100", "log_min_messages": "warning"]
    if fast { all.merge(["fsync": "off", "full_page_writes": "off", "max_wal_size": "1GB"]) { $1 } }
    if listening == .port { all["listen_addresses"] = "127.0.0.1" }
    all.merge(settings) { $1 }
    self.init(folder: folder, listening: listening, programs: programs, settings: all, keeper: keeper)
    do {
      try initialize()
      try start()
      try createDatabase(Self.database)
    } catch {
      stop()
      throw error
    }
  }

  private init(
    folder: String, listening: Listening, programs: PostgresPrograms, settings: [String: String], keeper: CleanupWatchdog
  ) {
    self.folder = folder
    self.listening = listening
    self.programs = programs
    self.settings = settings
    self.state = Mutex(State(server: nil, keeper: keeper, port: 5432))
  }

  deinit { stop() }

  /// The connection URL of a database of this server.
  package func url(database: String = "netflixdb") -> String {
    switch listening {
    case .socket: "postgresql://\(Self.user)@/\(database)?host=\(folder.replacing("/", with: "%2F"))"
    case .port: "postgresql://\(Self.user):\(Self.password)@127.0.0.1:\(port)/\(database)"
    }
  }

  /// The connection URL of `netflixdb`.
  package var url: String { url() }

  /// The shell command that opens the database in psql.
  package var psqlCommand: String { "\(programs.psql) '\(url)'" }

  /// The shell command that stops and removes a server after ``keep()``.
  package var stopCommand: String { "kill -INT $(head -n 1 \(folder)/data/postmaster.pid); sleep 1; rm -r \(folder)" }

  /// The path of the server's log.
  package var log: String { folder + "/log" }

  /// Creates an empty database.
  package func createDatabase(_ name: String) throws(DevServicesError) { try inMaintenance { "CREATE DATABASE \($0)" }(name) }

  /// Ends the server like a crash: sessions break and no checkpoint is written; ``restart()`` recovers from the WAL.
  package func crash() { endServer(signal: SIGQUIT) }

  /// Starts the server again on the same port, and waits until it accepts connections. A running server is crashed first.
  package func restart() throws(DevServicesError) {
    crash()
    try launch()
  }

  /// Stops the server and removes its folder. Idempotent.
  package func stop() {
    // A session that does not respond would block a normal shutdown; data may be lost, because the folder is removed.
    endServer(signal: SIGINT, harder: SIGQUIT, timeout: .seconds(3))
    state.withLock { state in
      state.keeper?.remove()
      state.keeper = nil
    }
  }

  /// Keeps the server running after this process; see ``stopCommand``.
  package func keep() {
    state.withLock { state in
      state.keeper?.keep()
      state.keeper = nil
      state.server = nil
    }
  }

  private func endServer(signal: Int32, harder: Int32 = SIGKILL, timeout: Duration = .seconds(20)) {
    state.withLock { state in
      state.server?.end(signal: signal, harder: harder, timeout: timeout)
      state.server = nil
    }
  }

  private func inMaintenance(_ sql: @escaping (String) -> String) -> (String) throws(DevServicesError) -> Void {
    { (name) throws(DevServicesError) in
      do throws(PostgresError) {
        let connection = try PostgresConnection.open(self.url(database: "postgres"), applicationName: "private-postgres")
        defer { connection.close() }
        try connection.execute(sql(try connection.quoteIdentifier(name)))
      } catch {
        throw DevServicesError("the private Postgres: \(error)")
      }
    }
  }
}

/// The start of the server: folder, initdb, port, and waiting until it accepts connections.
extension TemporaryPostgres {
  static func makeFolder() throws(DevServicesError) -> String {
    let wanted = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let parent = wanted.utf8.count <= 40 ? wanted : "/tmp"
    let template = strdup("\(parent)/netflix-postgres.XXXXXX")
    defer { free(template) }
    guard let template, mkdtemp(template) != nil else {
      throw DevServicesError("\(parent): \(systemMessage(errno))", hint: "set TMPDIR to a folder that can be written")
    }
    let folder = String(cString: template)
    if let user = try PostgresPrograms.unprivilegedUser() { chown(folder, user.user, user.group) }
    return folder
  }

  func initialize() throws(DevServicesError) {
    let user = try PostgresPrograms.unprivilegedUser()
    let passwordFile = folder + "/password"
    let descriptor = open(passwordFile, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    let line = Array((Self.password + "\n").utf8)
    let written = write(descriptor, line, line.count)
    let code = errno
    close(descriptor)
    guard written == line.count else { throw Self.noRoom(in: folder, systemMessage(code)) }
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
    let run: ProcessResult
    do { run = try ProcessResult.run(words[0], Array(words.dropFirst()), environment: environment) } catch { throw DevServicesError(error) }
    guard run.status == 0 else {
      let errors = String(run.errors.suffix(2000))
      throw DevServicesError(
        "initdb failed in \(folder)", hint: errors.isEmpty ? "it ended with status \(run.status)" : "it printed:\n" + errors)
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
    let server: ChildProcess
    do {
      server = try ChildProcess.start(programs.postgres, ["-D", folder + "/data"] + options, as: user, in: folder, log: log)
    } catch {
      throw DevServicesError(error)
    }
    state.withLock { $0.server = server }
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      do throws(PostgresError) {
        return try PostgresConnection.open(url(database: "postgres"), applicationName: "private-postgres").close()
      } catch {
        if server.exitStatus() != nil {
          state.withLock { $0.server = nil }
          throw DevServicesError("the private Postgres did not start", hint: logged)
        }
        guard error.kind == .unavailable, ContinuousClock.now < deadline else {
          throw DevServicesError("the private Postgres does not answer: \(error)", hint: logged)
        }
      }
      usleep(10_000)
    }
  }

  private static func noRoom(in folder: String, _ reason: String) -> DevServicesError {
    DevServicesError("\(folder): \(reason)", hint: "free space there, or set TMPDIR to another folder")
  }

  private var logged: String {
    let lines = logTail()
    return lines.isEmpty ? "it logged nothing: check the free space of \(folder)" : "it logged:\n\(lines)"
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

/// The paths of initdb and postgres, and the user that they run as.
struct PostgresPrograms {
  let folder: String
  var initdb: String { folder + "/initdb" }
  var postgres: String { folder + "/postgres" }
  var psql: String { access(folder + "/psql", X_OK) == 0 ? folder + "/psql" : "psql" }

  /// Searches the folders of Debian's and Ubuntu's packages (the newest version first), then PATH.
  static func find() throws(DevServicesError) -> PostgresPrograms {
    let versions = directoryEntries("/usr/lib/postgresql").compactMap { Int($0) }.sorted(by: >)
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    let folders = versions.map { "/usr/lib/postgresql/\($0)/bin" } + path.split(separator: ":").map(String.init)
    guard let folder = folders.first(where: { access($0 + "/initdb", X_OK) == 0 && access($0 + "/postgres", X_OK) == 0 }) else {
      throw DevServicesError(
        "Postgres is not installed (no initdb in /usr/lib/postgresql or PATH)", hint: "install it: apt-get install postgresql")
    }
    return PostgresPrograms(folder: folder)
  }

  /// The user for a process that runs as root, because Postgres does not run as root: `postgres`, or `nobody` if that user does not exist.
  static func unprivilegedUser() throws(DevServicesError) -> (user: uid_t, group: gid_t)? {
    guard geteuid() == 0 else { return nil }
    for name in ["postgres", "nobody"] {
      if let entry = getpwnam(name) { return (entry.pointee.pw_uid, entry.pointee.pw_gid) }
    }
    throw DevServicesError("Postgres does not run as root, and there is neither a user postgres nor nobody")
  }
}

/// Ends a server and removes its folder when this process ends, even after a SIGKILL.
///
/// A shell reads from a pipe whose other end only this process holds; the kernel closes it when the process ends.
struct CleanupWatchdog {
  private let shell: ChildProcess
  private let pipe: Int32

  static let script = """
    read -r word
    [ "$word" = keep ] && exit 0
    pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
    # The file may be stale, and the number may belong to another process.
    if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$1/data" ]; then
      kill -QUIT "$pid" 2>/dev/null
      tries=0
      while [ -e "/proc/$pid/cwd" ] && [ "$tries" -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
    fi
    rm -rf "$1" 2>/dev/null || { sleep 1; rm -rf "$1"; }
    """

  init(folder: String) throws(DevServicesError) {
    // No program started later may inherit the other end: SystemIO's pipes are closed on exec.
    let ends: (read: Int32, write: Int32)
    do { ends = try Pipe.open() } catch { throw DevServicesError("pipe: \(error)") }
    defer { Glibc.close(ends.read) }
    do {
      shell = try ChildProcess.start("/bin/sh", ["-c", Self.script, "sh", folder], in: "/", input: ends.read, log: "/dev/null")
    } catch {
      Glibc.close(ends.write)
      throw DevServicesError(error)
    }
    pipe = ends.write
  }

  /// Removes the folder now.
  func remove() {
    Glibc.close(pipe)
    shell.wait()
  }

  /// Keeps the server and the folder.
  func keep() {
    let word = Array("keep\n".utf8)
    _ = write(pipe, word, word.count)
    remove()
  }
}

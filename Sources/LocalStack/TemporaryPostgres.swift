import Glibc
import Postgres
import Synchronization

/// A temporary Postgres server in its own folder, for the demo and the tests. It also works as root.
///
/// Database `netflixdb`, user and password `netflix`. On its socket it trusts every user with access to the folder; on a port it requires the
/// password. ``stop()`` removes it, and so does the end of this process, even after a crash or SIGKILL.
public final class TemporaryPostgres: Sendable {
  /// How clients connect.
  public enum Listening: Sendable {
    /// A Unix socket in its folder; users without access to the folder cannot connect.
    case socket
    /// A port of 127.0.0.1 that the system chooses.
    case port
  }

  /// The server's folder; its path is short, because a socket's path is limited to 107 bytes.
  public let folder: String
  /// How clients connect.
  public let listening: Listening
  /// The port; for a socket it is part of the socket's name.
  public var port: Int { state.withLock { $0.port } }

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
  public convenience init(_ listening: Listening = .socket, fast: Bool = true, settings: [String: String] = [:]) throws(DevServicesError) {
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
      try initialise()
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
  public func url(database: String = "netflixdb") -> String {
    switch listening {
    case .socket: "postgresql://\(Self.user)@/\(database)?host=\(folder.replacing("/", with: "%2F"))"
    case .port: "postgresql://\(Self.user):\(Self.password)@127.0.0.1:\(port)/\(database)"
    }
  }

  /// The connection URL of `netflixdb`.
  public var url: String { url() }

  /// The shell command that opens the database in psql.
  public var psqlCommand: String { "\(programs.psql) '\(url)'" }

  /// The shell command that stops and removes a server after ``keep()``.
  public var stopCommand: String { "kill -INT $(head -n 1 \(folder)/data/postmaster.pid); sleep 1; rm -r \(folder)" }

  /// The path of the server's log.
  public var log: String { folder + "/log" }

  /// Creates an empty database.
  public func createDatabase(_ name: String) throws(DevServicesError) { try inMaintenance { "CREATE DATABASE \($0)" }(name) }

  /// Drops a database, and ends the sessions that use it.
  public func dropDatabase(_ name: String) throws(DevServicesError) {
    try inMaintenance { "DROP DATABASE IF EXISTS \($0) WITH (FORCE)" }(name)
  }

  /// Ends the server like a crash: sessions break and no checkpoint is written; ``restart()`` recovers from the WAL.
  public func crash() { endServer(signal: SIGQUIT) }

  /// Starts the server again on the same port, and waits until it accepts connections. A running server is crashed first.
  public func restart() throws(DevServicesError) {
    crash()
    try launch()
  }

  /// Stops the server and removes its folder. Idempotent.
  public func stop() {
    // A session that does not respond would block a normal shutdown; data may be lost, because the folder is removed.
    endServer(signal: SIGINT, harder: SIGQUIT, seconds: 3)
    state.withLock { state in
      state.keeper?.remove()
      state.keeper = nil
    }
  }

  /// Keeps the server running after this process; see ``stopCommand``.
  public func keep() {
    state.withLock { state in
      state.keeper?.keep()
      state.keeper = nil
      state.server = nil
    }
  }

  private func endServer(signal: Int32, harder: Int32 = SIGKILL, seconds: Double = 20) {
    state.withLock { state in
      state.server?.end(signal: signal, harder: harder, seconds: seconds)
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

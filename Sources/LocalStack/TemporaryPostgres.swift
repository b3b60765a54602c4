import Glibc
import Postgres
import Synchronization

/// A Postgres server of our own, in a folder of its own: for the demo and the tests. Also as root.
///
/// Database `netflixdb`, user and password `netflix`. Over its socket it trusts whoever may enter the folder; over a port it asks for the
/// password. Nothing is left behind: ``stop()`` removes it, and so does the end of this process, whatever ended it.
public final class TemporaryPostgres: Sendable {
  /// How clients reach it.
  public enum Listening: Sendable {
    /// A socket in its folder: nobody else can connect.
    case socket
    /// A port of 127.0.0.1 that the system gives.
    case port
  }

  /// Short, for a socket's path may have 107 bytes.
  public let folder: String
  public let listening: Listening
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

  /// Makes the folder and starts the server.
  ///
  /// - Parameters:
  ///   - fast: no fsync: right for data that may go with the machine, wrong for a benchmark.
  ///   - settings: more settings of postgresql.conf.
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

  /// The address of a database of this server.
  public func url(database: String = "netflixdb") -> String {
    switch listening {
    case .socket: "postgresql://\(Self.user)@/\(database)?host=\(folder.replacing("/", with: "%2F"))"
    case .port: "postgresql://\(Self.user):\(Self.password)@127.0.0.1:\(port)/\(database)"
    }
  }

  public var url: String { url() }

  /// What to type to look into the database.
  public var psqlCommand: String { "\(programs.psql) '\(url)'" }

  /// What to type to end a server that ``keep()`` left.
  public var stopCommand: String { "kill -INT $(head -n 1 \(folder)/data/postmaster.pid); sleep 1; rm -r \(folder)" }

  /// The server's own log, for an error's text.
  public var log: String { folder + "/log" }

  public func createDatabase(_ name: String) throws(DevServicesError) { try inMaintenance { "CREATE DATABASE \($0)" }(name) }

  /// Drops a database, and the sessions that use it.
  public func dropDatabase(_ name: String) throws(DevServicesError) {
    try inMaintenance { "DROP DATABASE IF EXISTS \($0) WITH (FORCE)" }(name)
  }

  /// Ends the server as a crash would: sessions break, nothing is written out; ``restart()`` recovers from the log.
  public func crash() { endServer(signal: SIGQUIT) }

  /// Starts the server again, on the same port, and waits until it answers. A running one is crashed before.
  public func restart() throws(DevServicesError) {
    crash()
    try launch()
  }

  /// Ends the server and removes its folder. Calling it again does nothing.
  public func stop() {
    // A session that does not respond would hold it: it may lose what it has, as its folder goes.
    endServer(signal: SIGINT, harder: SIGQUIT, seconds: 3)
    state.withLock { state in
      state.keeper?.remove()
      state.keeper = nil
    }
  }

  /// Leaves the server running after this process; see ``stopCommand``.
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

import Console
import Landing
import Postgres
import Support

/// Options for the Postgres database.
package struct DatabaseOptions: ParsableArguments {
  /// The database of the compose file.
  package static let defaultURL = "postgresql://netflix:netflix@localhost:5432/netflixdb"

  /// `--database`
  @Option(
    help: ArgumentHelp(
      "The address of Postgres: a URL, or libpq's key=value pairs.", valueName: "URL",
      default: "PGHOST, PGUSER and others, else \(defaultURL)"),
    environment: "DATABASE_URL")
  package var database: String?

  /// The default values.
  package init() {}

  /// The connection string: the option or DATABASE_URL; nil if libpq's environment variables are set; else the database of the compose file.
  package var dsn: String? { dsn(environment: Environment.value) }

  func dsn(environment: (String) -> String?) -> String? {
    if let database { return database }
    return Self.libpqVariables.contains { !(environment($0) ?? "").isEmpty } ? nil : Self.defaultURL
  }

  /// libpq's environment variables for the server and the user; if one of them is set, libpq fills in the rest.
  static let libpqVariables = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGPASSFILE", "PGSERVICE"]
}

extension Signals {
  /// A policy that ends waits for Postgres once a signal was received.
  package static let waitState = PostgresWaitState { received != nil }
}

/// Options for the Postgres database and the retry time.
package struct DatabaseAccess: ParsableArguments {
  /// The options for the database.
  @OptionGroup package var database: DatabaseOptions

  /// `--retry-seconds`
  @Option(
    help: "How long to retry an unavailable database at the start.", environment: "NETFLIX_RETRY_SECONDS",
    in: 1...86_400)
  package var retrySeconds = 90

  /// The default values.
  package init() {}

  /// Opens a session, and retries while the server is not available.
  ///
  /// - Throws: `PostgresError`; ``CommandError`` 130 or 143 if a signal was received.
  package func open(applicationName: String, log: Log) throws -> PostgresConnection {
    let start = ContinuousClock.now
    var policy = RetryPolicy(seconds: retrySeconds, firstPause: .milliseconds(100))
    while true {
      do throws(PostgresError) {
        return try PostgresConnection.open(
          database.dsn, applicationName: applicationName, timeout: min(.seconds(10), max(.seconds(1), policy.remaining())),
          waitState: Signals.waitState)
      } catch {
        try Signals.check()
        guard error.kind == .unavailable, case .retry(let pause, let isFirst) = policy.failed(began: start) else { throw error }
        if isFirst { log.warning("Postgres: \(error); trying for \(retrySeconds) s") }
        Signals.wait(pause)
      }
      try Signals.check()
    }
  }
}

extension PostgresError: CommandErrorConvertible {
  /// The exit code of the error's kind, with a hint.
  package var commandError: CommandError {
    let text = ["database: \(self)", detail].compactMap { $0 }.joined(separator: "; ")
    if let hint {
      return CommandError(kind == .unauthorized ? .unauthorized : kind == .configuration ? .config : .unavailable, text, hint: hint)
    }
    switch kind {
    case .unavailable:
      return CommandError(.unavailable, text, hint: unavailableHint)
    case .configuration:
      return CommandError(.config, text)
    case .transient where sqlstate == SQLState.queryCanceled:
      return CommandError(.unavailable, text, hint: "Raise statement_timeout (ALTER ROLE … SET statement_timeout), or run it again.")
    case .transient:
      return CommandError(.unavailable, text, hint: "Another session held a conflicting lock. Running it again can help.")
    case .unauthorized:
      return CommandError(
        .unauthorized, text, hint: "Check user, password and rights: --database, DATABASE_URL, PGUSER, PGPASSWORD, ~/.pgpass.")
    case .invalidConnectionString:
      return CommandError(.usage, text, hint: "--database or the environment variable DATABASE_URL gives the address.")
    case .schema:
      return CommandError(.config, text, hint: "A table is missing, or differs from the one that this program created.")
    case .data:
      return CommandError(.badData, text)
    case .cancelled:
      return CommandError(Signals.received?.exitCode ?? .terminated, text)
    case .internal:
      return CommandError(.internal, text)
    }
  }

  /// The remedy if the server does not respond, or responds but cannot execute the request.
  private var unavailableHint: String {
    switch sqlstate {
    case SQLState.invalidCatalogName: "Make it (createdb), or name another: --database or DATABASE_URL."
    case SQLState.readOnlySQLTransaction:
      "Nothing can be written there: it is a standby, default_transaction_read_only is on, or the role or database is read-only. "
        + "Connect to the primary, or turn that off."
    case SQLState.idleInTransactionSessionTimeout: "idle_in_transaction_session_timeout ended the session: raise it, or run again."
    case SQLState.diskFull: "The disk of the database server is full. Free space there (data directory, tablespaces, WAL), and run again."
    case SQLState.outOfMemory:
      "The database server is out of memory. Lower work_mem or the number of sessions, or give it more memory, and run again."
    case SQLState.tooManyConnections:
      "All connections are in use. Close other sessions, raise max_connections or the limit of the role or database, or connect through PgBouncer."
    case SQLState.configurationLimitExceeded:
      "A limit of the server is reached, such as temp_file_limit: raise the one that the message names."
    case SQLState.adminShutdown, SQLState.crashShutdown:
      "The server is shutting down, or an administrator ended the session. Run again once it is up."
    case SQLState.cannotConnectNow: "The server is starting up or shutting down. Run again once it accepts connections."
    case SQLState.databaseDropped: "The database was dropped. Create it, or name another: --database or DATABASE_URL."
    case SQLState.idleSessionTimeout: "idle_session_timeout ended the session: raise it, or run again."
    case let code? where code.hasPrefix(SQLState.Class.systemError):
      "The database server cannot read or write its files. See its log and check its disks."
    case let code? where code.hasPrefix(SQLState.Class.insufficientResources): "The database server has no resources left. See its log."
    default: "Is Postgres running there? --database or DATABASE_URL says where to look."
    }
  }
}

extension SinkError: CommandErrorConvertible {
  /// The error with its exit status, for the command line.
  package var commandError: CommandError { CommandError(ExitCode(kind.exitStatus), message, hint: hint) }
}

extension SinkOptions.Tombstones: ExpressibleByArgument {}

import Console
import Postgres

extension PostgresError: CommandErrorConvertible {
  /// The exit code of the error's kind, with a hint.
  public var failure: CommandError {
    let text = ["database: \(self)", detail].compactMap { $0 }.joined(separator: "; ")
    if let advice {
      return CommandError(kind == .unauthorized ? .refused : kind == .configuration ? .config : .unavailable, text, advice: advice)
    }
    switch kind {
    case .unavailable:
      return CommandError(.unavailable, text, advice: awayAdvice)
    case .configuration:
      return CommandError(.config, text)
    case .transient where sqlstate == "57014":
      return CommandError(.unavailable, text, advice: "Raise statement_timeout (ALTER ROLE … SET statement_timeout), or run it again.")
    case .transient:
      return CommandError(.unavailable, text, advice: "Another session was in the way to the end. Running it again can help.")
    case .unauthorized:
      return CommandError(
        .refused, text, advice: "Check user, password and rights: --database, DATABASE_URL, PGUSER, PGPASSWORD, ~/.pgpass.")
    case .invalidConnectionString:
      return CommandError(.usage, text, advice: "--database or the environment variable DATABASE_URL gives the address.")
    case .schema:
      return CommandError(.config, text, advice: "A table is not as this program made it, or is not there yet.")
    case .data:
      return CommandError(.badData, text)
    case .cancelled:
      return CommandError(Signals.received?.exitCode ?? .terminated, text)
    case .internal:
      return CommandError(.software, text)
    }
  }

  /// What to do about a server that is not there, or that answers and cannot do what it was asked.
  private var awayAdvice: String {
    switch sqlstate {
    case "3D000": "Make it (createdb), or name another: --database or DATABASE_URL."
    case "25006":
      "Nothing can be written there: it is a standby, default_transaction_read_only is on, or the role or database is read-only. "
        + "Connect to the primary, or turn that off."
    case "25P03": "idle_in_transaction_session_timeout ended the session: raise it, or run again."
    case "53100": "The disk of the database server is full. Free space there (data directory, tablespaces, WAL), and run again."
    case "53200": "The database server is out of memory. Lower work_mem or the number of sessions, or give it more memory, and run again."
    case "53300":
      "All connections are in use. Close other sessions, raise max_connections or the limit of the role or database, or connect through PgBouncer."
    case "53400": "A limit of the server is reached, such as temp_file_limit: raise the one that the message names."
    case "57P01", "57P02": "The server is shutting down, or an administrator ended the session. Run again once it is up."
    case "57P03": "The server is starting up or shutting down. Run again once it accepts connections."
    case "57P04": "The database was dropped. Create it, or name another: --database or DATABASE_URL."
    case "57P05": "idle_session_timeout ended the session: raise it, or run again."
    case let code? where code.hasPrefix("58"): "The database server cannot read or write its files. See its log and check its disks."
    case let code? where code.hasPrefix("53"): "The database server has no resources left. See its log."
    default: "Is Postgres running there? --database or DATABASE_URL says where to look."
    }
  }
}

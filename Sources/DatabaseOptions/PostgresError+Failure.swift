import Console
import Postgres

extension PostgresError: FailureRepresentable {
  public var failure: Failure {
    let text = ["database: \(self)", detail].compactMap { $0 }.joined(separator: "; ")
    if let advice { return Failure(kind == .refused ? .refused : .unavailable, text, advice: advice) }
    switch kind {
    case .away where sqlstate == "3D000":
      return Failure(.unavailable, text, advice: "Make it (createdb), or name another: --database or DATABASE_URL.")
    case .away where sqlstate == "25006":
      return Failure(
        .unavailable, text, advice: "Nothing can be written there: it is a standby, or default_transaction_read_only is on.")
    case .away:
      return Failure(.unavailable, text, advice: "Is Postgres running there? --database or DATABASE_URL says where to look.")
    case .retryTransaction where sqlstate == "57014":
      return Failure(.unavailable, text, advice: "Raise statement_timeout (ALTER ROLE … SET statement_timeout), or run it again.")
    case .retryTransaction:
      return Failure(.unavailable, text, advice: "Another session was in the way to the end. Running it again can help.")
    case .refused:
      return Failure(.refused, text, advice: "Check user, password and rights: --database, DATABASE_URL, PGUSER, PGPASSWORD, ~/.pgpass.")
    case .address:
      return Failure(.usage, text)
    case .schema:
      return Failure(.config, text, advice: "A table is not as this program made it, or is not there yet.")
    case .data:
      return Failure(.badData, text)
    case .stopped:
      return Failure(Signals.received?.exitCode ?? .terminated, text)
    case .other:
      return Failure(.software, text)
    }
  }
}

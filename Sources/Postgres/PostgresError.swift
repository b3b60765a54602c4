/// What went wrong between this program and Postgres: the server's own words, its SQLSTATE, and whether trying again can help.
///
/// A failed connection is told in words of ours: it names the host, the port, the user and the database, never a password.
public struct PostgresError: Error, Sendable, Equatable {
  /// What a program does about an error; see ``PostgresError/Kind-swift.enum``.
  public enum Kind: Sendable, Equatable {
    /// The server is not there, is going away, has no room, or the connection broke: connect again later.
    case unavailable
    /// Two transactions met, or a statement was cancelled (statement_timeout): the same one again.
    case transient
    /// Password, role or right: trying again cannot help.
    case unauthorized
    /// A table, a column or a constraint is not as expected: see to the table again.
    case schema
    /// The server refused a value, by type, size, constraint or trigger.
    case data
    /// The server or a pooler before it is set up in a way that no program of ours can work with.
    case configuration
    /// The address (URL or keywords) is not one that libpq understands.
    case invalidConnectionString
    /// The caller had to stop while the server had not responded (``PostgresWaitPolicy``); the session is abandoned.
    case cancelled
    /// Anything else: a fault of this program, or one that it does not know.
    case `internal`
  }

  public let kind: Kind
  /// The five characters of the standard, or nil where the server said nothing: the connection itself failed.
  public let sqlstate: String?
  /// The server's primary message, or ours where there is none.
  public let message: String
  /// The server's detail and hint. May quote values of a row.
  public let detail: String?
  /// The table and column the server named, if it did.
  public let table: String?
  public let column: String?
  /// True if a COMMIT was on its way when the connection broke: whether it happened is not known.
  public internal(set) var commitOutcomeUnknown = false
  /// What to do, in a sentence, where the cause is known better than its kind says.
  public internal(set) var advice: String?
  /// Raised by code in a procedural language, such as a trigger's RAISE: then the SQLSTATE says what that code chose, not what the server met.
  public internal(set) var isRaised = false

  public init(
    kind: Kind, sqlstate: String? = nil, message: String, detail: String? = nil, table: String? = nil, column: String? = nil
  ) {
    self.kind = kind
    self.sqlstate = sqlstate
    self.message = message
    self.detail = detail
    self.table = table
    self.column = column
  }

  /// Trying again, after a while or at once, can help.
  public var isRetriable: Bool { kind == .unavailable || kind == .transient }
}

extension PostgresError: CustomStringConvertible {
  public var description: String {
    guard let sqlstate else { return message }
    return "\(message) (SQLSTATE \(sqlstate))"
  }
}

/// An error of Postgres or of the connection to it: the server's message, its SQLSTATE, and whether a retry can help.
///
/// The message of a failed connection is ours: it names the host, the port, the user and the database, never a password.
public struct PostgresError: Error, Sendable, Equatable {
  /// The kind of an error, which decides how the program reacts.
  public enum Kind: Sendable, Equatable {
    /// The server is not reachable, is shutting down, has no resources left, or the connection broke: connect again later.
    case unavailable
    /// Two transactions conflict, or a statement was cancelled (statement_timeout): retry the transaction.
    case transient
    /// Password, role or permission: a retry cannot help.
    case unauthorized
    /// A table, a column or a constraint is not as expected: check the table again.
    case schema
    /// The server rejected a value, because of its type, its size, a constraint or a trigger.
    case data
    /// The server or a pooler before it is set up in a way that no program of ours can work with.
    case configuration
    /// The address (URL or keywords) is not one that libpq understands.
    case invalidConnectionString
    /// The caller was cancelled while waiting for the server (``PostgresWaitPolicy``); the session is abandoned.
    case cancelled
    /// Anything else: a bug in this program, or an unknown condition.
    case `internal`
  }

  /// The kind, which decides how the program reacts.
  public let kind: Kind
  /// The five characters of the SQL standard; nil if there is no error from the server: the connection itself failed.
  public let sqlstate: String?
  /// The server's primary message, or ours if there is none.
  public let message: String
  /// The server's detail and hint, which may quote values of a row.
  public let detail: String?
  /// The table in the server's error, if there is one.
  public let table: String?
  /// The column in the server's error, if there is one.
  public let column: String?
  /// Whether a COMMIT was in flight when the connection broke, so that its outcome is unknown.
  public internal(set) var commitOutcomeUnknown = false
  /// The remedy in complete sentences, if the cause is known more precisely than the kind.
  public internal(set) var advice: String?
  /// Whether code in a procedural language raised the error, such as RAISE in a trigger: then that code has chosen the SQLSTATE, not the
  /// server.
  public internal(set) var isRaised = false

  /// An error of this package, or of the server.
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

  /// Whether a retry can help, immediately or later.
  public var isRetriable: Bool { kind == .unavailable || kind == .transient }
}

extension PostgresError: CustomStringConvertible {
  /// The message, with the SQLSTATE if there is one.
  public var description: String {
    guard let sqlstate else { return message }
    return "\(message) (SQLSTATE \(sqlstate))"
  }
}

import CLibPQ

/// An error of Postgres or of the connection to it: the server's message, its SQLSTATE, and whether a retry can help.
///
/// The message of a failed connection is ours: it names the host, the port, the user and the database, never a password.
package struct PostgresError: Error, Sendable, Equatable {
  /// The kind of an error, which decides how the program reacts.
  package enum Kind: Sendable, Equatable {
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
    /// The configuration of the server, or of a pooler in front of it, does not work with our programs.
    case configuration
    /// The address (URL or keywords) is not one that libpq understands.
    case invalidConnectionString
    /// The caller was cancelled while waiting for the server (``PostgresWaitState``); the session is abandoned.
    case cancelled
    /// Anything else: a bug in this program, or an unknown condition.
    case `internal`
  }

  /// The kind, which decides how the program reacts.
  package let kind: Kind
  /// The five characters of the SQL standard; nil if there is no error from the server: the connection itself failed.
  package let sqlstate: String?
  /// The server's primary message, or ours if there is none.
  package let message: String
  /// The server's detail and hint, which may quote values of a row.
  package let detail: String?
  /// Whether a COMMIT was in flight when the connection broke, so that its outcome is unknown.
  package internal(set) var commitOutcomeUnknown = false
  /// The remedy in complete sentences, if the cause is known more precisely than the kind.
  package internal(set) var hint: String?
  /// Whether code in a procedural language raised the error, such as RAISE in a trigger: then that code has chosen the SQLSTATE, not the
  /// server.
  package internal(set) var isRaisedByFunction = false

  /// An error of this package, or of the server.
  package init(kind: Kind, sqlstate: String? = nil, message: String, detail: String? = nil) {
    self.kind = kind
    self.sqlstate = sqlstate
    self.message = message
    self.detail = detail
  }

  /// Whether a retry can help, immediately or later.
  package var isRetriable: Bool { kind == .unavailable || kind == .transient }
}

extension PostgresError: CustomStringConvertible {
  /// The message, with the SQLSTATE if there is one.
  package var description: String {
    guard let sqlstate else { return message }
    return "\(message) (SQLSTATE \(sqlstate))"
  }
}

extension PostgresError.Kind {
  /// The kind of a SQLSTATE: by its class or, for mixed classes, by the code (docs/delivery.md, point 15).
  package init(sqlstate: String) {
    switch sqlstate {
    case SQLState.readOnlySQLTransaction, SQLState.idleInTransactionSessionTimeout, SQLState.invalidCatalogName: self = .unavailable
    case SQLState.serializationFailure, SQLState.deadlockDetected, SQLState.lockNotAvailable, SQLState.queryCanceled: self = .transient
    case SQLState.insufficientPrivilege: self = .unauthorized
    // Includes a feature that the table does not support (COPY with row-level security) and a generated column, which accepts no values.
    case SQLState.undefinedTable, SQLState.undefinedColumn, SQLState.invalidColumnReference, SQLState.datatypeMismatch,
      SQLState.featureNotSupported, SQLState.generatedAlways:
      self = .schema
    case SQLState.cardinalityViolation: self = .data
    case _ where sqlstate.hasPrefix(SQLState.shutdownPrefix): self = .unavailable
    default:
      switch sqlstate.prefix(2) {
      case SQLState.Class.insufficientResources, SQLState.Class.connectionException, SQLState.Class.systemError: self = .unavailable
      case SQLState.Class.invalidAuthorizationSpecification: self = .unauthorized
      case SQLState.Class.dataException, SQLState.Class.integrityConstraintViolation, SQLState.Class.programLimitExceeded,
        SQLState.Class.plpgSQLError:
        self = .data
      default: self = .internal
      }
    }
  }
}

extension PostgresError {
  /// The error of a failed result, or of the connection if the result has no SQLSTATE (the connection broke).
  init(result: OpaquePointer?, connection: OpaquePointer) {
    func field(_ code: Int32) -> String? {
      PQresultErrorField(result, code).map { String(cString: $0) }
    }
    guard let sqlstate = field(Self.sqlstateField) else {
      let text = String(cString: result == nil ? PQerrorMessage(connection) : PQresultErrorMessage(result)).trimmed
      let isBroken = Self.isBroken(connection)
      self.init(
        kind: isBroken ? .unavailable : .internal,
        message: text.isEmpty ? "the connection to Postgres failed" : text.replacingLineEnds)
      return
    }
    let detail = [field(Self.detailField), field(Self.hintField)].compactMap { $0 }.joined(separator: " ")
    // COPY in binary into a column of a wider type is called a violation of the protocol; of the connection's own the session ends (FATAL).
    let isValue = sqlstate == SQLState.protocolViolation && field(Self.severityField) == "ERROR"
    self.init(
      kind: isValue ? .data : .init(sqlstate: sqlstate),
      sqlstate: sqlstate,
      message: field(Self.primaryField) ?? String(cString: PQresultErrorMessage(result)).trimmed,
      detail: detail.isEmpty ? nil : detail)
    if message == "transaction blocks not allowed in statement pooling mode" {
      self = PostgresError(kind: .configuration, sqlstate: sqlstate, message: "PgBouncer: \(message)")
      hint = "Set pool_mode = transaction (or session) for this database in PgBouncer, or connect to Postgres directly."
    }
    isRaisedByFunction = Self.languages.contains(field(Self.sourceFileField) ?? "")
  }

  /// The server's source files in which PL/pgSQL, PL/Perl, PL/Python and PL/Tcl report errors that a function raises.
  private static let languages: Set<String> = ["pl_exec.c", "plperl.c", "plpy_elog.c", "pltcl.c"]

  /// Whether the connection broke. After a failed write libpq reports the connection as good until it has read to the end of the stream, so
  /// pending input is read first.
  private static func isBroken(_ connection: OpaquePointer) -> Bool {
    for _ in 1...3 where PQstatus(connection) == CONNECTION_OK && PQconsumeInput(connection) == 1 {}
    return PQstatus(connection) != CONNECTION_OK
  }

  // PG_DIAG_* are character constants, which Swift does not import.
  static let sqlstateField = Int32(UInt8(ascii: "C"))
  static let primaryField = Int32(UInt8(ascii: "M"))
  static let detailField = Int32(UInt8(ascii: "D"))
  static let hintField = Int32(UInt8(ascii: "H"))
  static let sourceFileField = Int32(UInt8(ascii: "F"))
  static let severityField = Int32(UInt8(ascii: "V"))
}

extension String {
  var trimmed: String {
    var text = Substring(self)
    while text.last?.isWhitespace == true { text.removeLast() }
    while text.first?.isWhitespace == true { text.removeFirst() }
    return String(text)
  }

  /// libpq's text as one line for a log, without its advice (lines that begin with a tab, such as `Is the server running on that host …?`)
  /// and without periods: other words follow.
  var replacingLineEnds: String {
    split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("\t") }
      .map { String($0.last == "." ? $0.dropLast() : $0).trimmed }.joined(separator: "; ")
  }
}

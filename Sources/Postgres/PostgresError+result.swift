import CLibPQ

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
    let detail = [field(Self.detailField), field(Self.hintField)].compactMap { $0 }.joined(separator: "; ")
    // COPY in binary into a column of a wider type is called a violation of the protocol; of the connection's own the session ends (FATAL).
    let isValue = sqlstate == "08P01" && field(Self.severityField) == "ERROR"
    self.init(
      kind: isValue ? .data : .init(sqlstate: sqlstate),
      sqlstate: sqlstate,
      message: field(Self.primaryField) ?? String(cString: PQresultErrorMessage(result)).trimmed,
      detail: detail.isEmpty ? nil : detail,
      table: field(Self.tableField),
      column: field(Self.columnField))
    if message == "transaction blocks not allowed in statement pooling mode" {
      self = PostgresError(kind: .configuration, sqlstate: sqlstate, message: "PgBouncer: \(message)")
      advice = "Set pool_mode = transaction (or session) for this database in PgBouncer, or connect to Postgres directly."
    }
    isRaised = Self.languages.contains(field(Self.sourceFileField) ?? "")
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
  static let tableField = Int32(UInt8(ascii: "t"))
  static let columnField = Int32(UInt8(ascii: "c"))
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

  /// The text as one line, for a log.
  var replacingLineEnds: String {
    split(whereSeparator: \.isNewline).map { String($0).trimmed }.joined(separator: "; ")
  }
}

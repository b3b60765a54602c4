import CLibPQ

/// The owner of a PGresult.
struct PostgresResult: ~Copyable {
  let pointer: OpaquePointer?

  init(_ pointer: OpaquePointer?) { self.pointer = pointer }

  deinit { PQclear(pointer) }

  var status: ExecStatusType { PQresultStatus(pointer) }

  /// The command tag, for example `INSERT 0 5` or `COMMIT`.
  var tag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

  var affected: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

  /// Throws unless the statement succeeded.
  borrowing func check(_ handle: OpaquePointer) throws(PostgresError) {
    switch status {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY: return
    default: throw PostgresError(result: pointer, connection: handle)
    }
  }

  borrowing func rows() -> PostgresRows {
    let columns = PQnfields(pointer)
    return PostgresRows(
      columns: (0..<columns).map { PQfname(pointer, $0).map { String(cString: $0) } ?? "" },
      rows: (0..<PQntuples(pointer)).map { row in (0..<columns).map { value(row, $0) } },
      affected: affected)
  }

  private borrowing func value(_ row: Int32, _ column: Int32) -> String? {
    guard PQgetisnull(pointer, row, column) == 0, let start = PQgetvalue(pointer, row, column) else { return nil }
    let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(pointer, row, column)))
    return String(decoding: bytes, as: UTF8.self)
  }
}

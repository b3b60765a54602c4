import CLibPQ

extension PostgresConnection {
  /// Runs `COPY … FROM STDIN` (text or binary, according to the statement) and lets `body` write the data, in parts of any size.
  ///
  /// The COPY is ended on every path: if `body` throws, the COPY is aborted, the server discards its data, and the error is rethrown.
  ///
  /// - Returns: number of rows copied.
  /// - Throws: `PostgresError`; the errors of `body`.
  @discardableResult
  public func copyIn(_ sql: String, _ body: (PostgresCopyWriter) throws -> Void) throws -> Int {
    let handle = try handle()
    try Self.checkText(sql)
    let start = try roundTrip(handle) { PQsendQuery(handle, sql) }
    guard start.status == PGRES_COPY_IN else {
      endCopy(handle, of: start.status)
      try start.check(handle)
      throw PostgresError(kind: .internal, message: "not a COPY … FROM STDIN")
    }
    do {
      try body(PostgresCopyWriter(connection: self, handle: handle))
    } catch {
      let server = endCopyIn(handle, abort: "aborted by the client").error
      // If the write itself failed, the server's error is more specific than "could not send".
      if let error = error as? PostgresError, error.kind != .cancelled, let server, server.sqlstate != nil, server.sqlstate != "57014" {
        throw server
      }
      throw error
    }
    let end = endCopyIn(handle, abort: nil)
    if let error = end.error { throw error }
    return end.rows
  }

  private func endCopyIn(_ handle: OpaquePointer, abort: String?) -> (rows: Int, error: PostgresError?) {
    var rows = 0
    var first: PostgresError?
    do throws(PostgresError) {
      try putCopyEnd(handle, abort: abort)
      while let pointer = try nextResult(handle) {
        let result = PostgresResult(pointer)
        if result.status == PGRES_COPY_IN { break }  // only a broken connection returns this repeatedly
        do throws(PostgresError) {
          try result.check(handle)
          rows = result.affected
        } catch { first = first ?? error }
      }
    } catch { first = first ?? error }
    return (rows, first)
  }

  /// Ends a COPY that was started by a plain statement, and reads the remaining results.
  func endCopy(_ handle: OpaquePointer, of status: ExecStatusType) {
    switch status {
    case PGRES_COPY_IN, PGRES_COPY_BOTH: try? putCopyEnd(handle, abort: "not expected here")
    case PGRES_COPY_OUT: while let data = try? nextCopyData(handle) { PQfreemem(data.start) }
    default: return
    }
    discardResults(handle)
  }

  private func putCopyEnd(_ handle: OpaquePointer, abort: String?) throws(PostgresError) {
    try checkStopped(handle)
    while true {
      let sent = PQputCopyEnd(handle, abort)
      guard sent >= 0 else { throw PostgresError(result: nil, connection: handle) }
      if sent == 1 { break }
      try readInput(handle, orWrite: true)
    }
    try flush(handle)
  }
}

import CLibPQ

extension PostgresConnection {
  /// Runs a query and passes its rows to `body` one by one as they arrive, so that memory does not depend on their number.
  ///
  /// If `body` throws, the query is cancelled, its remaining rows are discarded, and the error is rethrown.
  ///
  /// - Throws: `PostgresError`; the errors of `body`.
  public func forEachRow(
    _ sql: String, _ parameters: [PostgresParameter] = [], _ body: (PostgresRowView) throws -> Void
  ) throws {
    let handle = try handle()
    try Self.checkText(sql)
    let sent = Self.withParameters(parameters) { count, values, lengths, formats in
      PQsendQueryParams(handle, sql, count, nil, values, lengths, formats, 0)
    }
    guard sent == 1, PQsetSingleRowMode(handle) == 1 else { throw PostgresError(result: nil, connection: handle) }
    do {
      try flush(handle)
      while let pointer = try nextResult(handle) {
        let result = PostgresResult(pointer)
        if Self.isCopy(result.status) {
          endCopy(handle, of: result.status)
          throw PostgresError(kind: .internal, message: "a COPY was run as a query")
        }
        try result.check(handle)
        if result.status == PGRES_SINGLE_TUPLE { try body(PostgresRowView(result: pointer)) }
      }
    } catch {
      if isUsable, PQtransactionStatus(handle) == PQTRANS_ACTIVE {
        cancellation()?.cancel()
        discardResults(handle)
      }
      throw error
    }
  }

  /// Runs `COPY … TO STDOUT` and passes its data to `body`, one row at a time (in binary format also the header and the trailer).
  ///
  /// If `body` throws, the COPY is cancelled, and the error is rethrown.
  ///
  /// - Throws: `PostgresError`; the errors of `body`.
  public func copyOut(_ sql: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let handle = try handle()
    try Self.checkText(sql)
    let start = try roundTrip(handle) { PQsendQuery(handle, sql) }
    guard start.status == PGRES_COPY_OUT else {
      endCopy(handle, of: start.status)
      try start.check(handle)
      throw PostgresError(kind: .internal, message: "not a COPY … TO STDOUT")
    }
    var failure: (any Error)?
    while let data = try nextCopyData(handle) {
      defer { PQfreemem(data.start) }
      guard failure == nil else { continue }
      do {
        try body(UnsafeRawBufferPointer(start: data.start, count: data.count))
      } catch {
        failure = error
        cancellation()?.cancel()
      }
    }
    while let pointer = try nextResult(handle) {
      let result = PostgresResult(pointer)
      do { try result.check(handle) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  /// The next data of a COPY TO STDOUT, which the caller must free; nil at the end.
  func nextCopyData(_ handle: OpaquePointer) throws(PostgresError) -> (start: UnsafeMutablePointer<CChar>, count: Int)? {
    var buffer: UnsafeMutablePointer<CChar>?
    while true {
      let count = PQgetCopyData(handle, &buffer, 1)
      if count > 0, let buffer { return (buffer, Int(count)) }
      guard count == 0 else { return nil }
      try readInput(handle)
    }
  }
}

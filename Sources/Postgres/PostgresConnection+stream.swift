import CLibPQ

extension PostgresConnection {
  /// Runs a query and hands over its rows one by one as they come, so that memory stays flat whatever their number.
  ///
  /// If `body` throws, the query is cancelled, the rest of it is read away and the error goes on.
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
      while let pointer = PQgetResult(handle) {
        let result = PostgresResult(pointer)
        try result.check(handle)
        if result.status == PGRES_SINGLE_TUPLE { try body(PostgresRowView(result: pointer)) }
      }
    } catch {
      cancellation()?.cancel()
      while let rest = PQgetResult(handle) { PQclear(rest) }
      throw error
    }
  }

  /// Runs `COPY … TO STDOUT` and hands over its data line by line (text) or piece by piece (binary).
  public func copyOut(_ sql: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let handle = try handle()
    try Self.checkText(sql)
    let start = PostgresResult(PQexec(handle, sql))
    guard start.status == PGRES_COPY_OUT else {
      try start.check(handle)
      throw PostgresError(kind: .other, message: "not a COPY … TO STDOUT")
    }
    var failure: (any Error)?
    var buffer: UnsafeMutablePointer<CChar>?
    while true {
      let count = PQgetCopyData(handle, &buffer, 0)
      guard count > 0 else { break }
      defer { PQfreemem(buffer) }
      guard failure == nil else { continue }
      do {
        try body(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
      } catch {
        failure = error
        cancellation()?.cancel()
      }
    }
    while let pointer = PQgetResult(handle) {
      let result = PostgresResult(pointer)
      do { try result.check(handle) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }
}

import CLibPQ

extension PostgresConnection {
  /// Runs `COPY … FROM STDIN` (text or binary, as the statement says) and lets `body` write the data, in pieces of any size.
  ///
  /// The COPY is ended on every path: if `body` throws, the server is told to drop what came and the error goes on.
  /// - Returns: rows copied.
  @discardableResult
  public func copyIn(_ sql: String, _ body: (PostgresCopyWriter) throws -> Void) throws -> Int {
    let handle = try handle()
    try Self.checkText(sql)
    let start = PostgresResult(PQexec(handle, sql))
    guard start.status == PGRES_COPY_IN else {
      try start.check(handle)
      throw PostgresError(kind: .other, message: "not a COPY … FROM STDIN")
    }
    do {
      try body(PostgresCopyWriter(handle: handle))
    } catch {
      let server = Self.endCopyIn(handle, abort: "the sender gave up").error
      // Where the write itself failed, the server's reason says more than «could not send».
      if error is PostgresError, let server, server.sqlstate != nil, server.sqlstate != "57014" { throw server }
      throw error
    }
    let end = Self.endCopyIn(handle, abort: nil)
    if let error = end.error { throw error }
    return end.rows
  }

  private static func endCopyIn(_ handle: OpaquePointer, abort: String?) -> (rows: Int, error: PostgresError?) {
    let sent = PQputCopyEnd(handle, abort)
    var rows = 0
    var error: PostgresError?
    while let pointer = PQgetResult(handle) {
      let result = PostgresResult(pointer)
      do {
        if result.status == PGRES_COPY_IN { break }  // only a broken connection answers so for ever
        try result.check(handle)
        rows = result.affected
      } catch let failure { error = error ?? failure }
    }
    if sent < 0 && error == nil { error = PostgresError(result: nil, connection: handle) }
    return (rows, error)
  }
}

import CLibPQ

/// Writes the data of a COPY FROM STDIN. Valid only inside the closure that receives it.
public struct PostgresCopyWriter {
  let connection: PostgresConnection
  let handle: OpaquePointer

  /// Sends bytes; blocks until the server has accepted them. Few calls with large buffers cost least: libpq copies and flushes per call.
  ///
  /// - Throws: `PostgresError` if the session broke, or of kind `cancelled`.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
    try connection.checkStopped(handle)
    var rest = bytes
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      let sent = PQputCopyData(handle, piece.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(piece.count))
      guard sent >= 0 else { throw PostgresError(result: nil, connection: handle) }
      // In non-blocking mode libpq buffers unsent data without a limit, so flush before writing more.
      try connection.flush(handle)
      if sent == 1 { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count)) }
    }
  }

  /// Sends bytes.
  public func write(_ bytes: [UInt8]) throws(PostgresError) {
    // withUnsafeBytes loses the error's type; the Result keeps it.
    let outcome = bytes.withUnsafeBytes { buffer in Result { () throws(PostgresError) in try write(buffer) } }
    try outcome.get()
  }

  /// Sends text as UTF-8.
  public func write(_ text: String) throws(PostgresError) { try write(Array(text.utf8)) }
}

import CLibPQ

/// Where the data of a COPY IN goes; valid inside the closure that got it.
public struct PostgresCopyWriter {
  let connection: PostgresConnection
  let handle: OpaquePointer

  /// Sends bytes, blocking while the server is behind. A large buffer in one call costs least: libpq copies and flushes per call.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
    try connection.checkStopped(handle)
    var rest = bytes
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      let sent = PQputCopyData(handle, piece.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(piece.count))
      guard sent >= 0 else { throw PostgresError(result: nil, connection: handle) }
      // Non-blocking, libpq would keep what the server does not take yet, however much: it is sent before more is written.
      try connection.flush(handle)
      if sent == 1 { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count)) }
    }
  }

  public func write(_ bytes: [UInt8]) throws(PostgresError) {
    // withUnsafeBytes rethrows untyped; the result carries the type out.
    let outcome = bytes.withUnsafeBytes { buffer in Result { () throws(PostgresError) in try write(buffer) } }
    try outcome.get()
  }

  public func write(_ text: String) throws(PostgresError) { try write(Array(text.utf8)) }
}

import CLibPQ
import Glibc

extension PostgresConnection {
  /// Runs `COPY … FROM STDIN` (text or binary, according to the statement) and lets `body` write the data, in parts of any size.
  ///
  /// The COPY is ended on every path: if `body` throws, the COPY is aborted, the server discards its data, and the error is rethrown.
  ///
  /// - Returns: number of rows copied.
  /// - Throws: `PostgresError`; the errors of `body`.
  @discardableResult
  package func copyIn(_ sql: String, _ body: (PostgresCopyWriter) throws -> Void) throws -> Int {
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
      if let error = error as? PostgresError, error.kind != .cancelled, let server, server.sqlstate != nil,
        server.sqlstate != SQLState.queryCanceled
      {
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

extension PostgresConnection {
  /// Runs a query and passes its rows to `body` one by one as they arrive, so that memory does not depend on their number.
  ///
  /// If `body` throws, the query is cancelled, its remaining rows are discarded, and the error is rethrown.
  ///
  /// - Throws: `PostgresError`; the errors of `body`.
  package func forEachRow(
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

  /// Runs `COPY … TO STDOUT` and passes its data to `body`, one row at a time (in binary format also the header and the trailer). Used by
  /// tests only.
  ///
  /// If `body` throws, the COPY is cancelled, and the error is rethrown.
  ///
  /// - Throws: `PostgresError`; the errors of `body`.
  package func copyOut(_ sql: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
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

/// A notification sent with NOTIFY.
package struct PostgresNotification: Sendable, Equatable {
  /// The channel's name.
  package let channel: String
  /// The payload; empty if NOTIFY had none.
  package let payload: String

  /// A notification, for tests.
  package init(channel: String, payload: String) {
    self.channel = channel
    self.payload = payload
  }
}

extension PostgresConnection {
  /// Subscribes to a channel.
  ///
  /// - Throws: `PostgresError` if the session is lost or its transaction has failed.
  package func listen(_ channel: String) throws(PostgresError) {
    try execute("LISTEN \(quoteIdentifier(channel))")
  }

  /// The socket's file descriptor, for poll(2): readable when the server has sent something. −1 once closed.
  package var socket: Int32 { (try? handle()).map { PQsocket($0) } ?? -1 }

  /// The notifications received so far, without waiting.
  ///
  /// - Throws: `PostgresError` of kind `unavailable` if the session broke.
  package func drainNotifications() throws(PostgresError) -> [PostgresNotification] {
    let handle = try handle()
    guard PQconsumeInput(handle) == 1 else { throw PostgresError(result: nil, connection: handle) }
    var notifications: [PostgresNotification] = []
    while let pointer = PQnotifies(handle) {
      defer { PQfreemem(pointer) }
      notifications.append(
        PostgresNotification(
          channel: String(cString: pointer.pointee.relname), payload: String(cString: pointer.pointee.extra)))
    }
    return notifications
  }

  /// Waits for notifications for at most `timeout`, or until `wake` is readable (the read end of a pipe, to stop a listener immediately).
  ///
  /// - Returns: the notifications received; empty after the time or `wake`.
  /// - Throws: `PostgresError` of kind `unavailable` if the session broke.
  package func waitForNotifications(timeout: Duration, wake: Int32 = -1) throws(PostgresError) -> [PostgresNotification] {
    let deadline = ContinuousClock.now + timeout
    while true {
      let notifications = try drainNotifications()
      if !notifications.isEmpty { return notifications }
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { return [] }
      let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
      var descriptors = [pollfd(fd: socket, events: Int16(POLLIN), revents: 0), pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
      _ = poll(&descriptors, 2, Int32(clamping: milliseconds + 1))
      if descriptors[1].revents != 0 { return try drainNotifications() }
    }
  }
}

/// Writes the data of a COPY FROM STDIN. Valid only inside the closure that receives it.
package struct PostgresCopyWriter {
  let connection: PostgresConnection
  let handle: OpaquePointer

  /// Sends bytes; blocks until the server has accepted them. Few calls with large buffers cost least: libpq copies and flushes per call.
  ///
  /// - Throws: `PostgresError` if the session broke, or of kind `cancelled`.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
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
  ///
  /// - Throws: see ``write(_:)-(UnsafeRawBufferPointer)``.
  package func write(_ bytes: [UInt8]) throws(PostgresError) {
    // withUnsafeBytes loses the error's type; the Result keeps it.
    let outcome = bytes.withUnsafeBytes { buffer in Result { () throws(PostgresError) in try write(buffer) } }
    try outcome.get()
  }

  /// Sends text as UTF-8.
  ///
  /// - Throws: see ``write(_:)-(UnsafeRawBufferPointer)``.
  package func write(_ text: String) throws(PostgresError) { try write(Array(text.utf8)) }
}

import CLibPQ
import Glibc

/// Non-blocking versions of libpq's blocking calls, with poll(2): each wait can be abandoned (``PostgresWaitPolicy``).
extension PostgresConnection {
  /// Sends a command and reads its results; returns the last one, or the first that starts a COPY, as PQexec does.
  func roundTrip(_ handle: OpaquePointer, _ send: () -> Int32) throws(PostgresError) -> PostgresResult {
    guard send() == 1 else { throw PostgresError(result: nil, connection: handle) }
    try flush(handle)
    var last: OpaquePointer?
    do throws(PostgresError) {
      while let next = try nextResult(handle) {
        PQclear(last)
        last = next
        if Self.isCopy(PQresultStatus(next)) { break }
      }
    } catch {
      // If the session broke after the server had sent an error, that error is more specific.
      guard error.kind != .cancelled, PQresultStatus(last) == PGRES_FATAL_ERROR else {
        PQclear(last)
        throw error
      }
    }
    return PostgresResult(last)
  }

  /// The next result of the running command; nil if there are no more.
  func nextResult(_ handle: OpaquePointer) throws(PostgresError) -> OpaquePointer? {
    while PQisBusy(handle) == 1 { try readInput(handle) }
    return PQgetResult(handle)
  }

  /// Reads and discards the remaining results. If that fails, the session is not usable afterwards.
  func discardResults(_ handle: OpaquePointer) {
    while let result = try? nextResult(handle) {
      let isCopy = Self.isCopy(PQresultStatus(result))
      PQclear(result)
      // Only a broken connection returns this repeatedly.
      if isCopy { break }
    }
  }

  /// Waits until everything is sent. Input is read as well, since the server may wait for that before it accepts more.
  func flush(_ handle: OpaquePointer) throws(PostgresError) {
    while true {
      let left = PQflush(handle)
      if left == 0 { return }
      guard left > 0 else { throw PostgresError(result: nil, connection: handle) }
      try readInput(handle, orWrite: true)
    }
  }

  /// Waits until there is input (or, with `orWrite`, room for output), and reads the input.
  func readInput(_ handle: OpaquePointer, orWrite: Bool = false) throws(PostgresError) {
    // A read returns at least half of a TLS record (16 KB at most), and poll does not see the rest: so read several times.
    let isEncrypted = PQsslInUse(handle) == 1 || PQgssEncInUse(handle) == 1
    try wait(handle, for: Int16(orWrite ? POLLIN | POLLOUT : POLLIN), slice: .milliseconds(isEncrypted ? 20 : 100))
    for _ in 1...(isEncrypted ? 3 : 1) {
      guard PQconsumeInput(handle) == 1 else { throw PostgresError(result: nil, connection: handle) }
    }
  }

  /// Abandons the session and throws `cancelled` if `waiting` is over.
  func checkStopped(_ handle: OpaquePointer) throws(PostgresError) {
    guard waiting.isOver else { return }
    abandon(handle)
    throw Self.stopped(handle)
  }

  static func stopped(_ handle: OpaquePointer) -> PostgresError {
    PostgresError(kind: .cancelled, message: "\(place(of: handle)): stopped while the server had not responded")
  }

  static func isCopy(_ status: ExecStatusType) -> Bool {
    status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH
  }

  /// Waits for one slice; returns early once the socket is ready.
  private func wait(_ handle: OpaquePointer, for events: Int16, slice: Duration) throws(PostgresError) {
    try checkStopped(handle)
    var descriptor = pollfd(fd: PQsocket(handle), events: events, revents: 0)
    let ready = Glibc.poll(&descriptor, 1, Int32(slice / .milliseconds(1)))
    if ready > 0 {
      if isSilent { waiting.answered() }
      isSilent = false
    } else if ready == 0 {
      waiting.silent(for: slice)
      isSilent = true
    } else if errno != EINTR {
      throw PostgresError(kind: .unavailable, message: "\(place): poll: \(String(cString: strerror(errno)))")
    }
  }
}

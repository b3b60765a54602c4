import CLibPQ
import Glibc

/// libpq's calls that would block, as non-blocking ones and poll(2): each wait can be given up (``PostgresWaitPolicy``).
extension PostgresConnection {
  /// Sends a command and takes its results; the last one is returned, or the first that starts a COPY, as PQexec does.
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
      // Where the session broke behind an error that the server had sent, that error says more.
      guard error.kind != .cancelled, PQresultStatus(last) == PGRES_FATAL_ERROR else {
        PQclear(last)
        throw error
      }
    }
    return PostgresResult(last)
  }

  /// The command under way's next result; nil once it has no more.
  func nextResult(_ handle: OpaquePointer) throws(PostgresError) -> OpaquePointer? {
    while PQisBusy(handle) == 1 { try readInput(handle) }
    return PQgetResult(handle)
  }

  /// Reads the results that are left, whatever they are. A session that does not get there is not usable afterwards.
  func discardResults(_ handle: OpaquePointer) {
    while let result = try? nextResult(handle) {
      let isCopy = Self.isCopy(PQresultStatus(result))
      PQclear(result)
      // Only a broken connection answers so again and again.
      if isCopy { break }
    }
  }

  /// Waits until everything is sent. The server may have to be read from before it takes more.
  func flush(_ handle: OpaquePointer) throws(PostgresError) {
    while true {
      let left = PQflush(handle)
      if left == 0 { return }
      guard left > 0 else { throw PostgresError(result: nil, connection: handle) }
      try readInput(handle, orWrite: true)
    }
  }

  /// Waits until there is input, or room for output if asked, and takes what came.
  func readInput(_ handle: OpaquePointer, orWrite: Bool = false) throws(PostgresError) {
    // One read takes half a record of TLS at least (16 KB at most), and poll does not see the rest: it is read at once.
    let isEncrypted = PQsslInUse(handle) == 1 || PQgssEncInUse(handle) == 1
    try wait(handle, for: Int16(orWrite ? POLLIN | POLLOUT : POLLIN), slice: .milliseconds(isEncrypted ? 20 : 100))
    for _ in 1...(isEncrypted ? 3 : 1) {
      guard PQconsumeInput(handle) == 1 else { throw PostgresError(result: nil, connection: handle) }
    }
  }

  /// Gives up if it is time to.
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

  /// One slice of a wait; returns early once the socket is ready.
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

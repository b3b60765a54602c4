import CLibPQ

/// Cancels the statement that a session is running. May be used from any thread.
public final class PostgresCancellation: @unchecked Sendable {
  // "PQcancel can safely be invoked from a signal handler … The PGcancel object is read-only as far as PQcancel is concerned, so it can also
  // be invoked from a thread that is separate from the one manipulating the PGconn object." (libpq manual, 34.7)
  private let handle: OpaquePointer

  init?(_ connection: OpaquePointer) {
    guard let handle = PQgetCancel(connection) else { return nil }
    self.handle = handle
  }

  deinit { PQfreeCancel(handle) }

  /// Sends a cancel request. Whether it arrived in time shows in the statement's result (SQLSTATE 57014).
  ///
  /// - Parameter seconds: how long to wait for the server: PQcancel itself waits without a limit.
  /// - Returns: whether the request was sent.
  @discardableResult
  public func cancel(seconds: Double = 1) -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    return SideThread.run(until: { ContinuousClock.now >= deadline }) { [self] in
      var message = [CChar](repeating: 0, count: 256)
      return PQcancel(handle, &message, Int32(message.count)) == 1
    } ?? false
  }
}

extension PostgresConnection {
  /// A handle that cancels this session's statements; nil once the session is closed.
  public func cancellation() -> PostgresCancellation? {
    guard let handle = try? handle() else { return nil }
    return PostgresCancellation(handle)
  }
}

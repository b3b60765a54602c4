import CLibPQ
import Synchronization

/// The state that a program's sessions share while they wait: whether to stop waiting, and how long a response has been pending.
///
/// Every wait of a session checks it ten times per second, so a connected server that does not respond cannot block a program.
package final class PostgresWaitState: Sendable {
  private struct State {
    var stoppedAt: ContinuousClock.Instant?
    var pendingSince: ContinuousClock.Instant?
  }

  private let grace: Duration
  private let isStopped: @Sendable () -> Bool
  private let state = Mutex(State())

  /// - Parameters:
  ///   - graceSeconds: how long to wait for a response after a stop was requested; then the session is abandoned.
  ///   - isStopped: whether a stop was requested; called on any thread.
  package init(graceSeconds: Double = 0, isStopped: @escaping @Sendable () -> Bool = { false }) {
    grace = .seconds(graceSeconds)
    self.isStopped = isStopped
  }

  /// How long a response has been pending; nil if none is.
  package var pendingDuration: Duration? { state.withLock { $0.pendingSince }.map { .now - $0 } }

  /// Whether a stop was requested and the grace period is over.
  var shouldAbandon: Bool {
    guard isStopped() else { return false }
    let stoppedAt = state.withLock { state in
      let first = state.stoppedAt ?? .now
      state.stoppedAt = first
      return first
    }
    return ContinuousClock.now - stoppedAt >= grace
  }

  func recordPending(for duration: Duration) {
    state.withLock { $0.pendingSince = $0.pendingSince ?? .now - duration }
  }

  func recordResponse() {
    state.withLock { $0.pendingSince = nil }
  }
}

/// Cancels the statement that a session is running. May be used from any thread.
package final class PostgresCancellation: @unchecked Sendable {
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
  /// - Parameter timeout: how long to wait for the server: PQcancel itself waits without a limit.
  /// - Returns: whether the request was sent.
  @discardableResult
  package func cancel(timeout: Duration = .seconds(1)) -> Bool {
    let deadline = ContinuousClock.now + timeout
    return SideThread.run(until: { ContinuousClock.now >= deadline }) { [self] in
      var message = [CChar](repeating: 0, count: 256)
      return PQcancel(handle, &message, Int32(message.count)) == 1
    } ?? false
  }
}

extension PostgresConnection {
  /// A handle that cancels this session's statements; nil once the session is closed.
  package func cancellation() -> PostgresCancellation? {
    guard let handle = try? handle() else { return nil }
    return PostgresCancellation(handle)
  }
}

import Synchronization

/// The state that a program's sessions share while they wait: whether to stop waiting, and how long a response has been pending.
///
/// Every wait of a session checks it ten times per second, so a connected server that does not respond cannot block a program.
public final class PostgresWaitPolicy: Sendable {
  private struct State {
    var stoppedAt: ContinuousClock.Instant?
    var silentSince: ContinuousClock.Instant?
  }

  private let grace: Duration
  private let isStopped: @Sendable () -> Bool
  private let state = Mutex(State())

  /// - Parameters:
  ///   - graceSeconds: how long to wait for a response after a stop was requested; then the session is abandoned.
  ///   - isStopped: whether a stop was requested; called on any thread.
  public init(graceSeconds: Double = 0, isStopped: @escaping @Sendable () -> Bool = { false }) {
    grace = .seconds(graceSeconds)
    self.isStopped = isStopped
  }

  /// How long a response has been pending; nil if none is.
  public var silence: Duration? { state.withLock { $0.silentSince }.map { .now - $0 } }

  /// Whether a stop was requested and the grace period is over.
  var isOver: Bool {
    guard isStopped() else { return false }
    let stoppedAt = state.withLock { state in
      let first = state.stoppedAt ?? .now
      state.stoppedAt = first
      return first
    }
    return ContinuousClock.now - stoppedAt >= grace
  }

  func silent(for duration: Duration) {
    state.withLock { $0.silentSince = $0.silentSince ?? .now - duration }
  }

  func answered() {
    state.withLock { $0.silentSince = nil }
  }
}

import Synchronization

/// What the waits of a program's sessions share: whether to give up, and for how long the server has owed a response.
///
/// Every wait of a session asks it ten times a second, so a server that is connected and does not respond holds no program.
public final class PostgresWaitPolicy: Sendable {
  private struct State {
    var stoppedAt: ContinuousClock.Instant?
    var silentSince: ContinuousClock.Instant?
  }

  private let grace: Duration
  private let isStopped: @Sendable () -> Bool
  private let state = Mutex(State())

  /// - Parameters:
  ///   - graceSeconds: how long the server may still respond after a stop was requested; then the session is abandoned.
  ///   - isStopped: whether a stop was requested; asked from any thread.
  public init(graceSeconds: Double = 0, isStopped: @escaping @Sendable () -> Bool = { false }) {
    grace = .seconds(graceSeconds)
    self.isStopped = isStopped
  }

  /// For how long the server has not responded to what it was asked; nil while it owes nothing.
  public var silence: Duration? { state.withLock { $0.silentSince }.map { .now - $0 } }

  /// A stop was requested, and the time to respond is over.
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

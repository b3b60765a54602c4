/// Decides when to retry after a failure: with pauses that double, for a limited time since the last success.
///
/// A pure value: the caller reports successes and failures, sleeps, and logs once per change between working and failing.
package struct RetryPolicy: Sendable {
  /// The decision after a failure.
  package enum Decision: Sendable, Equatable {
    /// Retry after a pause. `isFirst`: this is the first failure since the last success, so it should be logged.
    case retry(after: Duration, isFirst: Bool)
    /// The time is used up.
    case giveUp
  }

  private let budget: Duration
  private let firstPause: Duration
  private let maxPause: Duration
  private var pause: Duration
  /// The time of the first failure since the last success; otherwise nil.
  private var failingSince: ContinuousClock.Instant?

  /// - Parameters:
  ///   - seconds: how long to retry since the last success; nil: without a limit.
  ///   - firstPause: the pause after the first failure.
  ///   - maxPause: the maximum pause.
  package init(seconds: Int?, firstPause: Duration = .milliseconds(50), maxPause: Duration = .seconds(2)) {
    budget = .seconds(seconds ?? .max)
    self.firstPause = firstPause
    self.maxPause = maxPause
    pause = firstPause
  }

  /// Records a failure.
  ///
  /// - Parameter began: the start of the failed attempt, if its duration counts: for a server that does not respond it does.
  /// - Returns: whether to retry. The last attempt is made when the time is over.
  package mutating func failed(began: ContinuousClock.Instant? = nil, at now: ContinuousClock.Instant = .now) -> Decision {
    let isFirst = failingSince == nil
    failingSince = failingSince ?? began ?? now
    let left = remaining(at: now)
    guard left > .zero else { return .giveUp }
    defer { pause = min(pause * 2, maxPause) }
    return .retry(after: min(pause, left), isFirst: isFirst)
  }

  /// Records a success.
  ///
  /// - Returns: how long attempts had failed; nil if they had not.
  @discardableResult
  package mutating func succeeded(at now: ContinuousClock.Instant = .now) -> Duration? {
    defer { (failingSince, pause) = (nil, firstPause) }
    return failingSince.map { now - $0 }
  }

  /// The maximum duration of an attempt that begins now.
  package func remaining(at now: ContinuousClock.Instant = .now) -> Duration {
    budget - (failingSince.map { now - $0 } ?? .zero)
  }
}

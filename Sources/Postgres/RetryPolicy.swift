/// When to try again after a failure: pauses that double, for a limited time since things last worked.
///
/// A pure value: the caller reports what happened, sleeps, and logs, once per change between working and failing.
public struct RetryPolicy: Sendable {
  public enum Decision: Sendable, Equatable {
    /// `isFirst`: it worked until now; the moment to log it.
    case again(after: Duration, isFirst: Bool)
    case giveUp
  }

  private let budget: Duration
  private let firstPause: Duration
  private let longestPause: Duration
  private var pause: Duration
  /// When it failed first since the last success; nil while it works.
  public private(set) var failingSince: ContinuousClock.Instant?

  public init(seconds: Int, firstPause: Duration = .milliseconds(50), longestPause: Duration = .seconds(2)) {
    budget = .seconds(seconds)
    self.firstPause = firstPause
    self.longestPause = longestPause
    pause = firstPause
  }

  /// - Parameter began: when the attempt that failed began, where its length counts: that of an address where nobody answers does.
  /// - Returns: what to do. The last attempt is made when the time is over.
  public mutating func failed(began: ContinuousClock.Instant? = nil, at now: ContinuousClock.Instant = .now) -> Decision {
    let isFirst = failingSince == nil
    failingSince = failingSince ?? began ?? now
    let left = left(at: now)
    guard left > .zero else { return .giveUp }
    defer { pause = min(pause * 2, longestPause) }
    return .again(after: min(pause, left), isFirst: isFirst)
  }

  /// - Returns: for how long it had failed; nil if it had not.
  @discardableResult
  public mutating func succeeded(at now: ContinuousClock.Instant = .now) -> Duration? {
    defer { (failingSince, pause) = (nil, firstPause) }
    return failingSince.map { now - $0 }
  }

  /// How long an attempt may take that begins now.
  public func left(at now: ContinuousClock.Instant = .now) -> Duration {
    budget - (failingSince.map { now - $0 } ?? .zero)
  }
}

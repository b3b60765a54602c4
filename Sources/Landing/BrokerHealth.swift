/// Whether brokers and topic answer, as far as the consumer has seen. A pure value: its owner logs and asks the broker.
struct BrokerHealth: Sendable {
  /// A change to log.
  enum Change: Sendable, Equatable {
    case failing(TopicError)
    case recovered(after: Duration)
  }

  private static let probeInterval = Duration.seconds(1)

  private let retry: Duration
  private var outage: (since: ContinuousClock.Instant, error: TopicError)?
  private var lastProbe: ContinuousClock.Instant

  init(retrySeconds: Int, now: ContinuousClock.Instant = .now) {
    retry = .seconds(retrySeconds)
    lastProbe = now
  }

  /// A partition could not be read.
  mutating func recordFailure(_ error: TopicError, at now: ContinuousClock.Instant = .now) -> Change? {
    guard outage == nil else { return nil }
    outage = (now, error)
    return .failing(error)
  }

  /// A partition's end was reported: its leader answers.
  mutating func recordContact(at now: ContinuousClock.Instant = .now) -> Change? {
    defer { outage = nil }
    return outage.map { .recovered(after: now - $0.since) }
  }

  /// Whether to ask the broker now. An idle consumer would not notice the end of an outage otherwise.
  ///
  /// - Parameter isSuspect: a connection failed since a broker last answered.
  mutating func isProbeDue(isSuspect: Bool, at now: ContinuousClock.Instant = .now) -> Bool {
    guard isSuspect || outage != nil, now - lastProbe >= Self.probeInterval else { return false }
    lastProbe = now
    return true
  }

  /// The broker was asked whether the topic is there.
  ///
  /// - Parameters:
  ///   - topicExists: false also if no broker answered.
  ///   - error: why no broker answered.
  ///   - unreachable: how long no broker has answered anything.
  /// - Throws: the error of the outage, once it has lasted for `--retry-seconds`.
  mutating func recordProbe(
    topicExists: Bool, error: TopicError? = nil, unreachable: Duration? = nil, at now: ContinuousClock.Instant = .now
  ) throws(TopicError) -> Change? {
    if let error, let unreachable, unreachable >= retry { throw error }
    guard let since = outage?.since else { return nil }
    if topicExists { return recordContact(at: now) }
    if let outage, now - since >= retry { throw outage.error }
    return nil
  }
}

extension TopicReader {
  /// Asks the broker each second while a connection is suspect: an idle member would not notice the recovery otherwise.
  ///
  /// - Throws: the error of the outage, once it has lasted for `--retry-seconds`.
  func probe(_ health: inout BrokerHealth, at now: ContinuousClock.Instant = .now) throws(TopicError) -> BrokerHealth.Change? {
    guard health.isProbeDue(isSuspect: connectionSuspect, at: now) else { return nil }
    let exists: Bool
    do {
      exists = try topicExists(timeout: .milliseconds(500))
    } catch {
      guard error.kind == .unavailable else { throw error }
      return try health.recordProbe(topicExists: false, error: error, unreachable: unavailableDuration, at: now)
    }
    return try health.recordProbe(topicExists: exists, at: now)
  }
}

import Kafka
import Postgres

extension Landing {
  /// Sees to the table and the topic, and opens the consumer.
  func start() throws {
    try withDatabase { try store.prepare() }
    if options.fromBeginning {
      guard options.replace || !resource.primaryKey.isEmpty else {
        throw LandingError(
          .configuration, "without a key, reading from the beginning would double the rows",
          advice: "add --replace to empty the table first")
      }
      try withDatabase { try store.reset(wholeTable: options.replace, deletingRows: options.replace) }
    }
    try lookAtTopic(isFirst: true)
    // A partition's end is told up to so much late: soon where the program waits for it, else with fewer requests.
    let consumer = try KafkaConsumer.open(
      configuration, topic: options.topic, group: options.group, endWithin: options.exitAtEnd ? 20 : 100, isStopped: isStopped, log: log)
    self.consumer = consumer
    if !options.exitAtEnd { try consumer.subscribe() }
  }

  /// Finds partitions, starts and ends, and whether the topic is still the one whose offsets are stored.
  func lookAtTopic(isFirst: Bool) throws {
    // An outage is logged once: by the consumer where there is one.
    let scout = try Scout(
      configuration, topic: options.topic, group: options.group, log: consumer == nil ? log : .silent, isStopped: isStopped)
    defer { scout.close() }
    var seen = try compareTopic(scout)
    // A follower or another run may advance or reset the offsets between two questions, and a new leader may not know its end yet: a sign
    // counts once everything was asked again and says the same.
    while seen.sign != nil {
      try pause(.milliseconds(500))
      let before = seen
      seen = try compareTopic(scout)
      if (seen.sign, seen.stored) == (before.sign, before.stored) { break }
    }
    store.cluster = seen.topic.cluster
    starts = seen.topic.partitions.mapValues(\.start)
    if isFirst || seen.sign != nil { ends = seen.topic.partitions.mapValues(\.end) }
    if let sign = seen.sign { try beginAnew(sign) }
    tracker.markVerified(seen.topic.numbers, stored: seen.stored, brokers: seen.brokers)
  }

  private struct Comparison {
    let stored: [StoredOffset]
    let topic: TopicState
    /// Where each partition's last message was found again.
    var brokers: [Int32: Int32] = [:]
    /// That the topic is not the one that was read; nil if it is.
    let sign: String?
  }

  /// The stored offsets first, then the topic: a follower that runs beside this one advances both, and the log's ends never lie below offsets
  /// that were read before them.
  private func compareTopic(_ scout: Scout) throws -> Comparison {
    let start = ContinuousClock.now
    while true {
      let stored = try withDatabase { try store.offsets([]) }
      let topic = try withTopic(scout)
      do {
        if let sign = TopicSigns.sign(stored, topic) { return Comparison(stored: stored, topic: topic, sign: sign) }
        let rows = TopicSigns.toLookFor(stored, topic)
        let found = try scout.find(rows)
        return Comparison(
          stored: stored, topic: topic, brokers: found.mapValues(\.broker),
          sign: try TopicSigns.sign(rows, found: found, isCompacted: scout.isCompacted))
      } catch let error as KafkaError where error.kind == .unreachable {
        guard ContinuousClock.now - start < .seconds(options.retrySeconds) else { throw error }
        try pause(.milliseconds(100))
      }
    }
  }

  private func withTopic(_ scout: Scout) throws -> TopicState {
    let start = ContinuousClock.now
    var isTold = false
    while true {
      do {
        let left = .seconds(options.retrySeconds) - (ContinuousClock.now - start)
        if let topic = try scout.look(for: left) { return topic }
        if !isTold {
          isTold = true
          log(.warning, "topic \(options.topic) does not exist; trying for \(options.retrySeconds) s")
        }
      } catch let error as KafkaError where error.kind == .unreachable {
        // Asked, the consumer notices the outage, and its end.
        _ = try? consumer?.partitions(milliseconds: 200)
        if ContinuousClock.now - start >= .seconds(options.retrySeconds) { throw error }
      }
      guard ContinuousClock.now - start < .seconds(options.retrySeconds) else {
        throw LandingError(
          .unavailable, "topic \(options.topic) does not exist", advice: "publish to it first, or name another with --topic")
      }
      try pause(.milliseconds(100))
    }
  }

  private func beginAnew(_ sign: String) throws {
    let text = "topic \(options.topic) was recreated, or its log was cut off by an unclean leader election: \(sign)"
    guard !resource.primaryKey.isEmpty else {
      throw LandingError(
        .configuration, "\(text); without a key, reading it from the start would double rows that landed before",
        advice: "to replace the rows, run once with --exit-at-end --from-beginning --replace; to keep them, choose another --group")
    }
    log(.warning, "\(text); reading it from the start")
    try withDatabase { try store.reset(wholeTable: false, deletingRows: false) }
  }

  /// Sees to the table as at the start.
  func seeToTable() throws {
    try dropWhatIsInHand()
    try withDatabase { try store.prepare() }
    try goBack()
  }

  /// Sees to the topic as at the start.
  func seeToTopic() throws {
    try dropWhatIsInHand()
    try lookAtTopic(isFirst: false)
    try goBack()
  }
}

import Kafka
import Postgres

extension SinkTask {
  /// Sees to the table and the topic, and opens the consumer.
  func start() throws {
    try withDatabase { try store.ensureSchema() }
    if options.fromBeginning {
      guard options.replace || !resource.primaryKey.isEmpty else {
        throw SinkError(
          .configuration, "without a key, reading from the beginning would double the rows",
          advice: "add --replace to empty the table first")
      }
      try withDatabase { try store.resetOffsets(wholeTable: options.replace, deletingRows: options.replace) }
    }
    try resolveTopic(isFirst: true)
    // A partition's end is told up to so much late: soon where the program waits for it, else with fewer requests.
    let consumer = try KafkaConsumer.open(
      configuration, topic: options.topic, group: options.group, endWithin: options.exitAtEnd ? 20 : 100, isStopped: isStopped, log: log)
    self.consumer = consumer
    if !options.exitAtEnd { try consumer.subscribe() }
  }

  /// Finds partitions, starts and ends, and whether the topic is still the one whose offsets are stored.
  func resolveTopic(isFirst: Bool) throws {
    // An outage is logged once: by the consumer where there is one.
    let scout = try TopicInspector(
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
    beginningOffsets = seen.topic.partitions.mapValues(\.start)
    if isFirst || seen.sign != nil { endOffsets = seen.topic.partitions.mapValues(\.end) }
    if let sign = seen.sign { try restartFromBeginning(sign) }
    tracker.markVerified(seen.topic.partitionIDs, stored: seen.stored, brokers: seen.brokers)
  }

  private struct Comparison {
    let stored: [StoredOffset]
    let topic: TopicMetadata
    /// Where each partition's last message was found again.
    var brokers: [Int32: Int32] = [:]
    /// That the topic is not the one that was read; nil if it is.
    let sign: String?
  }

  /// The stored offsets first, then the topic: a follower that runs beside this one advances both, and the log's ends never lie below offsets
  /// that were read before them.
  private func compareTopic(_ scout: TopicInspector) throws -> Comparison {
    let start = ContinuousClock.now
    while true {
      let stored = try withDatabase { try store.loadOffsets([]) }
      let topic = try waitForTopic(scout)
      do {
        if let sign = TopicIdentity.mismatch(stored, topic) { return Comparison(stored: stored, topic: topic, sign: sign) }
        let rows = TopicIdentity.offsetsToVerify(stored, topic)
        let found = try scout.fetchRecords(at: rows)
        return Comparison(
          stored: stored, topic: topic, brokers: found.mapValues(\.broker),
          sign: try TopicIdentity.mismatch(rows, found: found, isCompacted: scout.isCompacted))
      } catch let error as KafkaError where error.kind == .unavailable {
        guard ContinuousClock.now - start < .seconds(options.retrySeconds) else { throw error }
        try pause(.milliseconds(100))
      }
    }
  }

  private func waitForTopic(_ scout: TopicInspector) throws -> TopicMetadata {
    let start = ContinuousClock.now
    var isTold = false
    while true {
      do {
        let left = .seconds(options.retrySeconds) - (ContinuousClock.now - start)
        if let topic = try scout.topicMetadata(timeout: left) { return topic }
        if !isTold {
          isTold = true
          log(.warning, "topic \(options.topic) does not exist; trying for \(options.retrySeconds) s")
        }
      } catch let error as KafkaError where error.kind == .unavailable {
        // Asked, the consumer notices the outage, and its end.
        _ = try? consumer?.partitions(milliseconds: 200)
        if ContinuousClock.now - start >= .seconds(options.retrySeconds) { throw error }
      }
      guard ContinuousClock.now - start < .seconds(options.retrySeconds) else {
        throw SinkError(
          .unavailable, "topic \(options.topic) does not exist", advice: "publish to it first, or name another with --topic")
      }
      try pause(.milliseconds(100))
    }
  }

  private func restartFromBeginning(_ sign: String) throws {
    let text = "topic \(options.topic) was recreated, or its log was cut off by an unclean leader election: \(sign)"
    guard !resource.primaryKey.isEmpty else {
      throw SinkError(
        .configuration, "\(text); without a key, reading it from the start would double rows that landed before",
        advice: "to replace the rows, run once with --exit-at-end --from-beginning --replace; to keep them, choose another --group")
    }
    log(.warning, "\(text); reading it from the start")
    try withDatabase { try store.resetOffsets(wholeTable: false, deletingRows: false) }
  }

  /// Sees to the table as at the start.
  func ensureSchema() throws {
    try discardInFlight()
    try withDatabase { try store.ensureSchema() }
    try rewind()
  }

  /// Sees to the topic as at the start.
  func revalidateTopic() throws {
    try discardInFlight()
    try resolveTopic(isFirst: false)
    try rewind()
  }
}

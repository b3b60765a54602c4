import Kafka
import Postgres

extension SinkTask {
  /// Prepares the table and the topic, and opens the consumer.
  func start() throws {
    try withDatabase { try store.ensureSchema() }
    if options.fromBeginning {
      guard options.replace || !resource.primaryKey.isEmpty else {
        throw SinkError(
          .configuration, "without a key, reading from the beginning would duplicate the rows",
          advice: "add --replace to empty the table first")
      }
      try withDatabase { try store.resetOffsets(wholeTable: options.replace, deletingRows: options.replace) }
    }
    try resolveTopic(isFirst: true)
    // fetch.wait.max.ms is also the delay of end-of-partition events: short if the program waits for the end, otherwise fewer requests.
    let consumer = try KafkaConsumer.open(
      configuration, topic: options.topic, group: options.group, endWithin: options.exitAtEnd ? 20 : 100, isStopped: isStopped, log: log)
    self.consumer = consumer
    if !options.exitAtEnd { try consumer.subscribe() }
  }

  /// Finds the partitions with their starts and ends, and checks whether the topic is still the one whose offsets are stored.
  func resolveTopic(isFirst: Bool) throws {
    // An outage is logged once: by the consumer, if there is one.
    let scout = try TopicInspector(
      configuration, topic: options.topic, group: options.group, log: consumer == nil ? log : .silent, isStopped: isStopped)
    defer { scout.close() }
    var seen = try compareTopic(scout)
    // A follower or another run may advance or reset the offsets between two requests, and a new leader may not know its end yet: a sign of
    // recreation counts only if a second look confirms it.
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
    /// The broker on which each partition's last message was found.
    var brokers: [Int32: Int32] = [:]
    /// The sign that the topic was recreated; nil if there is none.
    let sign: String?
  }

  /// Reads the stored offsets first and the topic afterwards: a follower that runs beside this run advances both, and in this order the
  /// log's ends are never below the stored offsets.
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
        // A request lets the consumer notice the outage and the recovery.
        _ = try? consumer?.partitions(milliseconds: 200)
        if ContinuousClock.now - start >= .seconds(options.retrySeconds) { throw error }
      }
      guard ContinuousClock.now - start < .seconds(options.retrySeconds) else {
        throw SinkError(
          .unavailable, "topic \(options.topic) does not exist", advice: "publish to it first, or choose another topic with --topic")
      }
      try pause(.milliseconds(100))
    }
  }

  private func restartFromBeginning(_ sign: String) throws {
    let text = "topic \(options.topic) was recreated, or an unclean leader election truncated its log: \(sign)"
    guard !resource.primaryKey.isEmpty else {
      throw SinkError(
        .configuration, "\(text); without a key, reading it from the start would duplicate rows that have landed",
        advice: "to replace the rows, run once with --exit-at-end --from-beginning --replace; to keep them, choose another --group")
    }
    log(.warning, "\(text); reading it from the start")
    try withDatabase { try store.resetOffsets(wholeTable: false, deletingRows: false) }
  }

  /// Checks the table again, as at the start, and rewinds.
  func ensureSchema() throws {
    try discardInFlight()
    try withDatabase { try store.ensureSchema() }
    try rewind()
  }

  /// Checks the topic again, as at the start, and rewinds.
  func revalidateTopic() throws {
    try discardInFlight()
    try resolveTopic(isFirst: false)
    try rewind()
  }
}

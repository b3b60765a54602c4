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
      configuration, topic: options.topic, group: options.group, endWithin: options.exitAtEnd ? 20 : 100, log: log)
    self.consumer = consumer
    if !options.exitAtEnd { try consumer.subscribe() }
  }

  /// Finds partitions, starts and ends, and whether the topic is still the one whose offsets are stored.
  func lookAtTopic(isFirst: Bool) throws {
    let scout = try Scout(configuration, topic: options.topic, group: options.group, log: log)
    defer { scout.close() }
    let topic = try waitForTopic(scout)
    store.cluster = topic.cluster
    starts = topic.partitions.mapValues(\.start)
    let stored = try withDatabase { try store.offsets(topic.numbers) }
    if let sign = try sign(stored, topic, scout) {
      try beginAnew(sign)
      ends = topic.partitions.mapValues(\.end)
    } else if isFirst {
      ends = topic.partitions.mapValues(\.end)
    }
  }

  private func waitForTopic(_ scout: Scout) throws -> TopicState {
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
        // The consumer's context has told it, once.
        if ContinuousClock.now - start >= .seconds(options.retrySeconds) { throw error }
      }
      guard ContinuousClock.now - start < .seconds(options.retrySeconds) else {
        throw LandingError(
          .unavailable, "topic \(options.topic) does not exist", advice: "publish to it first, or name another with --topic")
      }
      try pause(.milliseconds(100))
    }
  }

  private func sign(_ stored: [StoredOffset], _ topic: TopicState, _ scout: Scout) throws -> String? {
    if let sign = TopicSigns.sign(stored, topic) { return sign }
    let rows = TopicSigns.toLookFor(stored, topic)
    return try TopicSigns.sign(rows, found: scout.find(rows), isCompacted: scout.isCompacted)
  }

  private func beginAnew(_ sign: String) throws {
    let text = "topic \(options.topic) was made anew: \(sign)"
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

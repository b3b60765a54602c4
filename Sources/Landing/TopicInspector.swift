import Kafka

/// Looks at the topic before it is read: partitions, where they start and end, and the messages that were read last.
///
/// It reads uncommitted: the end to read up to is the high watermark, and an open transaction hides nothing from it.
struct TopicInspector {
  let consumer: KafkaConsumer

  private static let maxTimeout: Int32 = 5000

  init(
    _ configuration: KafkaConfiguration, topic: String, group: String, log: KafkaLog, isStopped: @escaping @Sendable () -> Bool
  ) throws {
    consumer = try KafkaConsumer.open(
      configuration, topic: topic, group: group, isolation: .uncommitted, isStopped: isStopped, log: log)
  }

  /// One try, for so long at most where no broker answers; nil where there is no such topic.
  func topicMetadata(timeout longest: Duration) throws -> TopicMetadata? {
    let patience = min(Self.maxTimeout, max(100, Int32(clamping: Int(longest / .milliseconds(1)))))
    let numbers = try consumer.partitions(milliseconds: patience)
    guard !numbers.isEmpty else { return nil }
    return TopicMetadata(
      cluster: consumer.clusterID(milliseconds: patience), partitions: try consumer.watermarks(of: numbers, milliseconds: patience))
  }

  /// The first message at or behind each stored last one; no entry where retention deleted it since, which proves nothing.
  func fetchRecords(at rows: [StoredOffset]) throws -> [Int32: TopicIdentity.FoundRecord] {
    guard !rows.isEmpty else { return [:] }
    try consumer.assign(rows.map { ($0.partition, $0.last?.offset) })
    var found: [Int32: TopicIdentity.FoundRecord] = [:]
    var open = Set(rows.map(\.partition))
    let deadline = ContinuousClock.now + .milliseconds(Int(Self.maxTimeout))
    while !open.isEmpty {
      _ = try consumer.poll(milliseconds: 2) { message in
        switch message.content {
        case .message:
          if open.remove(message.partition) != nil { found[message.partition] = (message.offset, message.timestamp, message.broker) }
        case .end:
          open.remove(message.partition)
        case .failure(let error):
          guard error.name == "_AUTO_OFFSET_RESET" || error.name == "OFFSET_OUT_OF_RANGE" else { throw error }
          // Deleted between the question for the log's beginning and now, or cut off: the next look at the watermarks shows which.
          throw consumer.unavailable("the log of partition \(message.partition) changed")
        }
      }
      guard ContinuousClock.now < deadline, !consumer.isStopped() else { throw consumer.unavailable("no message came") }
    }
    return found
  }

  func isCompacted() throws -> Bool {
    try consumer.configuration(milliseconds: Self.maxTimeout)["cleanup.policy"]?.contains("compact") ?? false
  }

  func close() { consumer.close() }
}

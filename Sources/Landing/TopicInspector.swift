import Kafka

/// Inspects the topic before it is read: its partitions, their starts and ends, and the messages that were read last.
///
/// It uses read_uncommitted: the end to read up to is the high watermark, and an open transaction must not hide messages.
struct TopicInspector {
  let consumer: KafkaConsumer

  private static let maxTimeout: Int32 = 5000

  init(
    _ configuration: KafkaConfiguration, topic: String, group: String, log: KafkaLog, isStopped: @escaping @Sendable () -> Bool
  ) throws {
    consumer = try KafkaConsumer.open(
      configuration, topic: topic, group: group, isolation: .readUncommitted, isStopped: isStopped, log: log)
  }

  /// Fetches the topic's metadata in one attempt; nil if the topic does not exist.
  ///
  /// - Parameter longest: maximum time to wait for a broker.
  /// - Throws: `KafkaError` of kind `unavailable` if no broker responds.
  func topicMetadata(timeout longest: Duration) throws -> TopicMetadata? {
    let patience = min(Self.maxTimeout, max(100, Int32(clamping: Int(longest / .milliseconds(1)))))
    let numbers = try consumer.partitions(milliseconds: patience)
    guard !numbers.isEmpty else { return nil }
    return TopicMetadata(
      cluster: consumer.clusterID(milliseconds: patience), partitions: try consumer.watermarks(of: numbers, milliseconds: patience))
  }

  /// Fetches the first message at or after each stored last message; no entry if the log ends before it.
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
        case .partitionEOF:
          open.remove(message.partition)
        case .error(let error):
          guard error.name == "_AUTO_OFFSET_RESET" || error.name == "OFFSET_OUT_OF_RANGE" else { throw error }
          // The record was deleted since the watermarks were read, or the log was truncated: the next watermarks show which.
          throw consumer.unavailable("the log of partition \(message.partition) changed")
        }
        return true
      }
      guard ContinuousClock.now < deadline, !consumer.isStopped() else { throw consumer.unavailable("no message arrived") }
    }
    return found
  }

  func isCompacted() throws -> Bool {
    try consumer.configuration(milliseconds: Self.maxTimeout)["cleanup.policy"]?.contains("compact") ?? false
  }

  func close() { consumer.close() }
}

/// The cluster id, partitions and watermarks of the topic.
struct TopicMetadata: Sendable, Equatable {
  var cluster: String?
  var partitions: [Int32: KafkaWatermarks]

  var partitionIDs: [Int32] { partitions.keys.sorted() }
}

/// Checks whether a topic is still the one whose offsets are stored (docs/delivery.md, point 6).
enum TopicIdentity {
  /// The first message found at or after the offset of the last message read.
  typealias FoundRecord = (offset: Int64, timestamp: Int64, broker: Int32)

  /// A sign in the metadata that the topic was recreated, as text for the log; nil if there is none.
  static func mismatch(_ stored: [StoredOffset], _ topic: TopicMetadata) -> String? {
    for row in stored {
      guard let next = row.next else { continue }
      if let was = row.cluster, let now = topic.cluster, was != now { return "it was read from cluster \(was), but this is cluster \(now)" }
      guard let marks = topic.partitions[row.partition] else { return "partition \(row.partition) is gone" }
      if marks.end < next { return "partition \(row.partition) ends at offset \(marks.end), but the next offset to read is \(next)" }
    }
    return nil
  }

  /// The stored last messages that must still exist. A message below the log's start proves nothing.
  static func offsetsToVerify(_ stored: [StoredOffset], _ topic: TopicMetadata) -> [StoredOffset] {
    stored.filter { row in
      guard row.next != nil, let last = row.last, let marks = topic.partitions[row.partition] else { return false }
      return last.offset >= marks.start && last.offset < marks.end
    }
  }

  /// A sign of recreation in the messages at the offsets of the last messages read; nil if there is none.
  ///
  /// - Parameters:
  ///   - found: by partition; no entry if the log ended.
  ///   - isCompacted: whether the topic is compacted: then a missing message is not a sign.
  static func mismatch(_ stored: [StoredOffset], found: [Int32: FoundRecord], isCompacted: () throws -> Bool) rethrows -> String? {
    for row in stored {
      guard let last = row.last else { continue }
      if let message = found[row.partition], message.offset == last.offset {
        if message.timestamp == last.timestamp { continue }
        return "the message at offset \(last.offset) of partition \(row.partition) is not the one that was read"
      }
      if try !isCompacted() { return "the message at offset \(last.offset) of partition \(row.partition) is gone" }
    }
    return nil
  }
}

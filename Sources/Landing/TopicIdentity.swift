import Kafka

/// What the start finds out about the topic.
struct TopicMetadata: Sendable, Equatable {
  var cluster: String?
  var partitions: [Int32: KafkaWatermarks]

  var partitionIDs: [Int32] { partitions.keys.sorted() }
}

/// Whether a topic is still the one whose offsets are stored.
enum TopicIdentity {
  /// The first message found at or behind a stored last one.
  typealias FoundRecord = (offset: Int64, timestamp: Int64, broker: Int32)

  /// A sign that the topic was made anew, in words; nil where there is none without looking at messages.
  static func mismatch(_ stored: [StoredOffset], _ topic: TopicMetadata) -> String? {
    for row in stored {
      guard let next = row.next else { continue }
      if let was = row.cluster, let now = topic.cluster, was != now { return "it was read from cluster \(was), and this is \(now)" }
      guard let marks = topic.partitions[row.partition] else { return "partition \(row.partition) is gone" }
      if marks.end < next { return "partition \(row.partition) ends at offset \(marks.end), and \(next) was read already" }
    }
    return nil
  }

  /// The stored last messages that are still to be found: what lies below the log's start proves nothing.
  static func offsetsToVerify(_ stored: [StoredOffset], _ topic: TopicMetadata) -> [StoredOffset] {
    stored.filter { row in
      guard row.next != nil, let last = row.last, let marks = topic.partitions[row.partition] else { return false }
      return last.offset >= marks.start && last.offset < marks.end
    }
  }

  /// A sign in the messages that stand where the last ones were read.
  ///
  /// - Parameters:
  ///   - found: by partition; none where the log ended.
  ///   - isCompacted: there a message that is missing says nothing.
  static func mismatch(_ stored: [StoredOffset], found: [Int32: FoundRecord], isCompacted: () throws -> Bool) rethrows -> String? {
    for row in stored {
      guard let last = row.last else { continue }
      if let message = found[row.partition], message.offset == last.offset {
        if message.timestamp == last.timestamp { continue }
        return "the message at offset \(last.offset) of partition \(row.partition) is another one than was read"
      }
      if try !isCompacted() { return "the message at offset \(last.offset) of partition \(row.partition) is gone" }
    }
    return nil
  }
}

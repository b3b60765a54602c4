/// Checks whether a topic is still the one whose offsets are stored (docs/delivery.md, point 6).
enum TopicIdentity {
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
  ///   - found: by partition, the first message at or after the offset of the last message read; no entry if the log ended.
  ///   - isCompacted: whether the topic is compacted: then a missing message is not a sign.
  static func mismatch(_ stored: [StoredOffset], found: [Int32: RecordIdentity], isCompacted: () throws -> Bool) rethrows -> String? {
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

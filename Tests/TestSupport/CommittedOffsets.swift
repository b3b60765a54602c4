import Kafka

/// A consumer group's state on a real broker, read from its internal topic.
package struct CommittedOffsets {
  /// The group's committed offsets for one topic, by partition.
  package private(set) var offsets: [Int32: Int64] = [:]
  /// Whether the group ever had a member; consumers that assign partitions themselves are not members.
  package private(set) var hadMembers = false

  private static let topic = "__consumer_offsets"

  /// Reads the internal topic to its end; throws after 30 s.
  package init(_ group: String, topic: String, at bootstrapServers: String) throws {
    let configuration = KafkaConfiguration(bootstrapServers: bootstrapServers, retrySeconds: 30)
    let consumer = try KafkaConsumer.open(configuration, topic: Self.topic, group: uniqueName("reader"))
    defer { consumer.close() }
    let partitions = try consumer.partitions(timeout: .seconds(10))
    try consumer.assign(partitions.map { ($0, nil) })
    // The key of an offset record: version 1, group, topic, partition. The key of a member record: version 2, group.
    let (offset, members) = ([0, 1] + Self.bytes(group) + Self.bytes(topic), [0, 2] + Self.bytes(group))
    var open = Set(partitions)
    let deadline = ContinuousClock.now + .seconds(30)
    while !open.isEmpty {
      guard ContinuousClock.now < deadline else { throw TestSupportError("the ends of \(Self.topic) were not reached in 30 s") }
      _ = try consumer.poll(timeout: .milliseconds(100)) { message in
        switch message.content {
        case .partitionEOF: open.remove(message.partition)
        case .error(let error): throw error
        case .message:
          guard let key = message.key else { return true }
          if key.starts(with: members) { hadMembers = true }
          guard key.starts(with: offset), let value = message.payload, value.count >= 10 else { return true }
          offsets[Int32(truncatingIfNeeded: Self.number(key.suffix(4)))] = Self.number(value[2..<10])
        }
        return true
      }
    }
  }

  /// A string in Kafka's format: two bytes with its length, then its bytes.
  private static func bytes(_ text: String) -> [UInt8] {
    [UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 0xFF)] + Array(text.utf8)
  }

  private static func number(_ bytes: some Sequence<UInt8>) -> Int64 { bytes.reduce(0) { $0 << 8 | Int64($1) } }
}

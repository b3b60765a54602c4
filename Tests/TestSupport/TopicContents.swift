import Kafka

/// A message, for comparison in tests.
package struct TestMessage: Equatable, Sendable {
  /// The partition.
  package var partition: Int32
  /// The offset.
  package var offset: Int64
  package var key: String?
  /// The payload; nil for a tombstone.
  package var value: String?

  /// A message with its coordinates.
  package init(partition: Int32, offset: Int64, key: String?, value: String?) {
    (self.partition, self.offset, self.key, self.value) = (partition, offset, key, value)
  }
}

/// All messages of a topic up to its end offsets, sorted by partition and offset; empty if the topic does not exist.
///
/// - Throws: if the ends are not reached in time, for example because an open transaction blocks a `.committed` reader.
package func contents(
  of topic: String, at bootstrapServers: String, isolation: KafkaConsumer.IsolationLevel = .readCommitted, seconds: Int = 30
) throws -> [TestMessage] {
  let configuration = KafkaConfiguration(bootstrapServers: bootstrapServers, retrySeconds: seconds)
  let admin = try KafkaAdmin.open(configuration)
  defer { admin.close() }
  let partitions = try admin.partitions(of: topic)
  if partitions.isEmpty { return [] }
  let consumer = try KafkaConsumer.open(configuration, topic: topic, group: uniqueName("reader"), isolation: isolation)
  defer { consumer.close() }
  try consumer.assign(partitions.map { ($0, nil) })
  var open = Set(partitions)
  var messages: [TestMessage] = []
  func text(_ bytes: UnsafeRawBufferPointer?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
  let deadline = ContinuousClock.now + .seconds(seconds)
  while !open.isEmpty {
    guard ContinuousClock.now < deadline else { throw TestSupportError("the ends of \(open) of \(topic) were not reached in \(seconds) s") }
    _ = try consumer.poll(timeout: .milliseconds(100)) { message in
      switch message.content {
      case .message:
        messages.append(
          TestMessage(partition: message.partition, offset: message.offset, key: text(message.key), value: text(message.payload)))
      // A read_committed consumer also gets an end event before an open transaction.
      case .partitionEOF: if message.offset >= consumer.lastHighWatermark(message.partition) ?? 0 { open.remove(message.partition) }
      case .error(let error): throw error
      }
      return true
    }
  }
  return messages.sorted { ($0.partition, $0.offset) < ($1.partition, $1.offset) }
}

extension KafkaAdmin {
  /// Creates a topic and waits until it exists. A broker on a busy machine may miss its own heartbeats and temporarily accept no replica.
  package func makeTopic(_ topic: String, partitions count: Int32, replicas: Int32 = 1, configuration: [String: String] = [:]) throws {
    try wait(until: "a broker takes the topic", seconds: 60) {
      do {
        try createTopic(topic, partitions: count, replicas: replicas, configuration: configuration)
        return true
      } catch let error as KafkaError where error.name == "INVALID_REPLICATION_FACTOR" {
        return false
      }
    }
    try wait(until: "the topic is there", seconds: 60) { try partitions(of: topic).count == count }
  }
}

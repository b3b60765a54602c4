import Kafka

/// A message as a test compares it.
public struct TestMessage: Equatable, Sendable {
  public var partition: Int32
  public var offset: Int64
  public var key: String?
  /// nil for a tombstone.
  public var value: String?

  public init(partition: Int32, offset: Int64, key: String?, value: String?) {
    (self.partition, self.offset, self.key, self.value) = (partition, offset, key, value)
  }
}

/// All messages of a topic up to its ends, as a reader sees them, by partition and offset; none where there is no such topic.
///
/// - Throws: where the ends are not reached in time: an open transaction keeps a `.committed` reader from them.
public func contents(
  of topic: String, at bootstrapServers: String, isolation: KafkaConsumer.Isolation = .committed, seconds: Int = 30
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
    _ = try consumer.poll(milliseconds: 100) { message in
      switch message.content {
      case .message:
        messages.append(
          TestMessage(partition: message.partition, offset: message.offset, key: text(message.key), value: text(message.payload)))
      // A reader of what is committed is told an end before an open transaction as well.
      case .end: if message.offset >= consumer.lastHighWatermark(message.partition) ?? 0 { open.remove(message.partition) }
      case .failure(let error): throw error
      }
    }
  }
  return messages.sorted { ($0.partition, $0.offset) < ($1.partition, $1.offset) }
}

extension KafkaAdmin {
  /// Creates a topic and waits until it is there. A broker on a busy machine may miss its own heartbeats, and takes no replica for a moment.
  public func makeTopic(_ topic: String, partitions count: Int32, replicas: Int32 = 1, configuration: [String: String] = [:]) throws {
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

import Dispatch
import KafkaMock
import TestSupport
import Testing

@testable import Kafka

@Suite("KafkaConsumer")
struct KafkaConsumerTests {
  /// librdkafka aborts the process if its main queue is served while it contains messages.
  @Test(.timeLimit(.minutes(5)))
  func `requests to the broker while messages are queued do not lose messages`() throws {
    let cluster = try MockCluster.open()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 1)
    let configuration = KafkaConfiguration(bootstrapServers: cluster.bootstrapServers, retrySeconds: 10)
    let producer = try KafkaProducer.open(configuration, topic: "t")
    defer { producer.close() }
    for number in 0..<100 { try producer.send(key: "\(number)", value: "{}") }
    while try !producer.flush(timeout: .milliseconds(100)) {}

    let consumer = try KafkaConsumer.open(configuration, topic: "t", group: "g")
    defer { consumer.close() }
    try consumer.assign([(0, nil)])
    // The watermark arrives with the first messages.
    while consumer.lastHighWatermark(0) == nil { #expect(try consumer.partitions(timeout: .seconds(1)) == [0]) }
    for _ in 0..<10 { #expect(try consumer.partitions(timeout: .seconds(1)) == [0]) }
    var read = 0
    while read < 100 {
      _ = try consumer.poll(timeout: .milliseconds(100)) { message in
        if message.isMessage { read += 1 }
        return true
      }
    }
    #expect(read == 100)
  }

  /// `rd_kafka_consume_batch_queue` alone waits its whole time to fill its array.
  @Test(.timeLimit(.minutes(5)))
  func `a poll ends with the messages that are there, and without any when another thread wakes it`() throws {
    let cluster = try MockCluster.open()
    defer { cluster.close() }
    try cluster.createTopic("t", partitions: 1)
    let configuration = KafkaConfiguration(bootstrapServers: cluster.bootstrapServers, retrySeconds: 10)
    let producer = try KafkaProducer.open(configuration, topic: "t")
    defer { producer.close() }
    try producer.send(key: "1", value: "{}")
    while try !producer.flush(timeout: .milliseconds(100)) {}
    let consumer = try KafkaConsumer.open(configuration, topic: "t", group: "g")
    defer { consumer.close() }
    try consumer.assign([(0, nil)])
    var (read, ends) = (0, 0)
    // Each of these polls would wait longer than the test may take.
    while ends == 0 {
      let result = try consumer.poll(timeout: .seconds(600)) { message in
        if message.isMessage { read += 1 } else { ends += 1 }
        return true
      }
      guard case .read(_, isDrained: true) = result else { throw TestSupportError("there were not a thousand messages") }
    }
    #expect(read == 1)
    let wake = consumer.wake
    DispatchQueue(label: "wake").async { wake() }
    _ = try consumer.poll(timeout: .seconds(600)) { _ in true }
  }
}

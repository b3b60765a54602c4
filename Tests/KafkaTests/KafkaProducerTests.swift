import KafkaMock
import Testing

@testable import Kafka

@Suite("KafkaProducer")
struct KafkaProducerTests {
  private func withCluster(_ body: (MockCluster, KafkaConfiguration) throws -> Void) throws {
    let cluster = try MockCluster.open()
    defer { cluster.close() }
    try body(cluster, KafkaConfiguration(bootstrapServers: cluster.bootstrapServers, retrySeconds: 10))
  }

  private func flush(_ producer: KafkaProducer) throws {
    while try !producer.flush(timeout: .milliseconds(100)) {}
  }

  @Test func `counts the messages that the broker acknowledged`() throws {
    try withCluster { cluster, configuration in
      try cluster.createTopic("t", partitions: 3)
      let producer = try KafkaProducer.open(configuration, topic: "t")
      defer { producer.close() }
      for number in 0..<1000 { try producer.send(key: "\(number)", value: "{}") }
      try flush(producer)
      #expect(producer.delivered == 1000)
      #expect(producer.failed == 0)
      #expect(producer.outstanding == 0)
    }
  }

  @Test func `reports a full queue, and accepts messages again once some were acknowledged`() throws {
    try withCluster { cluster, configuration in
      try cluster.createTopic("t", partitions: 1)
      var configuration = configuration
      try configuration.set("queue.buffering.max.messages", "10")
      let producer = try KafkaProducer.open(configuration, topic: "t")
      defer { producer.close() }
      let text = Array("{}".utf8)
      for _ in 0..<10 { #expect(try producer.tryProduce(key: nil, value: text.span.bytes)) }
      #expect(try !producer.tryProduce(key: nil, value: text.span.bytes))
      while try !producer.tryProduce(key: nil, value: text.span.bytes) { try producer.poll(timeout: .milliseconds(100)) }
      try flush(producer)
      #expect(producer.delivered == 11)
    }
  }

  @Test func `a message too large for librdkafka is a data error that names the property to raise`() throws {
    try withCluster { _, configuration in
      var configuration = configuration
      try configuration.set("message.max.bytes", "1000")
      let producer = try KafkaProducer.open(configuration, topic: "t")
      defer { producer.close() }
      let error = #expect(throws: KafkaError.self) { try producer.send(key: nil, value: String(repeating: "x", count: 2000)) }
      #expect(error?.kind == .data)
      #expect(error?.coordinates == KafkaError.Coordinates(topic: "t"))
      #expect(error?.hint == "Raise -X message.max.bytes here and max.message.bytes of the topic, or shorten the message.")
    }
  }

  @Test func `a broker that is unavailable for longer than --retry-seconds is an error with librdkafka's reason`() throws {
    let configuration = KafkaConfiguration(bootstrapServers: "127.0.0.1:1", retrySeconds: 1)
    let producer = try KafkaProducer.open(configuration, topic: "t")
    defer { producer.close() }
    try producer.send(key: nil, value: "{}")
    let error = #expect(throws: KafkaError.self) { try flush(producer) }
    #expect(error?.kind == .unavailable)
    #expect(
      error?.description
        == "127.0.0.1:1: a message to topic t was not acknowledged within 1 s (Connect to ipv4#127.0.0.1:1 failed: "
        + "Connection refused). Check that the broker is running and that this is its address (--bootstrap-servers).")
  }

  @Test func `a missing permission is an authorization error`() throws {
    try withCluster { cluster, configuration in
      try cluster.createTopic("t", partitions: 1)
      cluster.injectErrors(0, with: [29])  // TOPIC_AUTHORIZATION_FAILED
      let producer = try KafkaProducer.open(configuration, topic: "t")
      defer { producer.close() }
      let error = #expect(throws: KafkaError.self) {
        try producer.send(key: nil, value: "{}")
        try flush(producer)
      }
      #expect(error?.kind == .unauthorized)
      #expect(error?.kind.exitStatus == 77)
    }
  }

  @Test func `temporary errors of a broker neither lose nor duplicate a message`() throws {
    try withCluster { cluster, configuration in
      try cluster.createTopic("t", partitions: 1)
      cluster.injectErrors(0, with: [7, 6, 20])  // REQUEST_TIMED_OUT, NOT_LEADER_FOR_PARTITION, NOT_ENOUGH_REPLICAS_AFTER_APPEND
      let producer = try KafkaProducer.open(configuration, topic: "t")
      defer { producer.close() }
      for number in 0..<100 { try producer.send(key: "\(number)", value: "{}") }
      try flush(producer)
      #expect(producer.delivered == 100)
    }
  }

  @Test func `is idempotent, waits for all in-sync replicas and uses the Java client's partitioner`() throws {
    var configuration = KafkaConfiguration(bootstrapServers: "localhost:9092", retrySeconds: 90)
    let plain = ProducerSettings(configuration, transactionalID: nil)
    #expect(plain.managedProperties.contains { $0 == ("enable.idempotence", "true") })
    #expect(plain.managedProperties.contains { $0 == ("acks", "all") })
    #expect(plain.defaults.contains { $0 == ("partitioner", "murmur2_random") })
    #expect(plain.defaults.contains { $0 == ("message.timeout.ms", "90000") })

    let atomic = ProducerSettings(configuration, transactionalID: "id")
    #expect(atomic.managedProperties.contains { $0 == ("transactional.id", "id") })
    #expect(atomic.defaults.contains { $0 == ("message.timeout.ms", "60000") })
    #expect(atomic.defaults.contains { $0 == ("transaction.timeout.ms", "60000") })

    var patient = configuration
    try patient.set("transaction.timeout.ms", "900000")
    #expect(ProducerSettings(patient, transactionalID: "id").defaults.contains { $0 == ("message.timeout.ms", "60000") })

    configuration.retrySeconds = 5
    #expect(ProducerSettings(configuration, transactionalID: "id").defaults.contains { $0 == ("message.timeout.ms", "5000") })
  }

  @Test func `an invalid combination of properties is reported before a broker is contacted`() throws {
    var configuration = KafkaConfiguration(bootstrapServers: "localhost:9092")
    try configuration.set("message.timeout.ms", "600000")
    let error = #expect(throws: KafkaError.self) { try KafkaProducer.open(configuration, topic: "t", transactionalID: "id") }
    #expect(error?.kind == .usage)
  }

  @Test(arguments: ["", ".", "..", "a topic", "à", String(repeating: "x", count: 250)])
  func `an invalid topic name is reported immediately`(topic: String) throws {
    let error = #expect(throws: KafkaError.self) {
      try KafkaProducer.open(KafkaConfiguration(bootstrapServers: "127.0.0.1:1"), topic: topic)
    }
    #expect(error?.description == "invalid topic name '\(topic)'. Use at most 249 letters, digits, . _ and -.")
  }

  @Test func `close is idempotent`() throws {
    let producer = try KafkaProducer.open(KafkaConfiguration(bootstrapServers: "127.0.0.1:1"), topic: "t")
    producer.close()
    producer.close()
  }
}

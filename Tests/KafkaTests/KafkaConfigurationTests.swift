import Testing

@testable import Kafka

@Suite("KafkaConfiguration")
struct KafkaConfigurationTests {
  private func refusal(_ argument: String) -> KafkaError? {
    var configuration = KafkaConfiguration(bootstrapServers: "localhost:9092")
    do {
      try configuration.set(argument: argument)
      return nil
    } catch {
      return error
    }
  }

  @Test func `accepts any librdkafka property, a topic property with and without kcat's prefix`() throws {
    var configuration = KafkaConfiguration(bootstrapServers: "localhost:9092")
    try configuration.set(argument: "linger.ms=20")
    try configuration.set(argument: "topic.compression.codec=lz4")
    try configuration.set(argument: "topic.metadata.refresh.interval.ms=1000")
    #expect(
      configuration.description
        == "bootstrap.servers=localhost:9092 linger.ms=20 compression.codec=lz4 topic.metadata.refresh.interval.ms=1000")
  }

  @Test func `accepts the servers as a property, too`() throws {
    var configuration = KafkaConfiguration(bootstrapServers: "localhost:9092")
    try configuration.set("bootstrap.servers", "kafka:9092,kafka2:9092")
    #expect(configuration.bootstrapServers == "kafka:9092,kafka2:9092")
  }

  @Test(
    arguments: [
      "enable.auto.commit=true", "isolation.level=read_uncommitted", "enable.idempotence=false", "acks=1", "topic.acks=0",
      "request.required.acks=1", "transactional.id=mine", "auto.offset.reset=latest", "enable.auto.offset.store=true", "group.id=g",
      "enable.partition.eof=false", "delivery.report.only.error=true",
    ])
  func `rejects managed properties, on which the delivery guarantee depends, by name`(argument: String) throws {
    let error = try #require(refusal(argument))
    var name = String(argument.prefix { $0 != "=" })
    if name == "topic.acks" { name = "acks" }
    #expect(error.kind == .usage)
    #expect(error.kind.exitStatus == 64)
    #expect(error.message == "property \(name) cannot be set")
    #expect(error.hint == KafkaProperty.managed[name])
  }

  @Test func `rejects properties of the Java client and suggests the librdkafka equivalent`() {
    #expect(
      refusal("max.request.size=1")?.description
        == "property max.request.size is the Java client's: librdkafka does not have it. Set message.max.bytes.")
    #expect(
      refusal("sasl.jaas.config=x")?.description
        == "property sasl.jaas.config is the Java client's: librdkafka does not have it. Set sasl.username and sasl.password.")
  }

  @Test func `no Java-only name is a librdkafka property`() {
    for name in KafkaProperty.javaOnly.keys {
      #expect(refusal("\(name)=1")?.message == "property \(name) is the Java client's: librdkafka does not have it")
    }
  }

  @Test func `suggests the most similar name for a mistyped one`() {
    #expect(refusal("linger.sm=5")?.description == "unknown property linger.sm. Did you mean linger.ms?")
    #expect(refusal("sasl.pasword=x")?.description == "unknown property sasl.pasword. Did you mean sasl.password?")
    #expect(
      refusal("made.up.name=x")?.description
        == "unknown property made.up.name. librdkafka's CONFIGURATION.md lists all properties.")
  }

  @Test func `checks values when they are set, and never shows a secret`() throws {
    #expect(refusal("linger.ms=soon")?.kind == .usage)
    #expect(refusal("hunter2")?.description.contains("hunter2") == false)
    #expect(refusal("=hunter2")?.description.contains("hunter2") == false)
    var configuration = KafkaConfiguration(bootstrapServers: "localhost:9092")
    try configuration.set("sasl.password", "hunter2")
    #expect(configuration.description == "bootstrap.servers=localhost:9092 sasl.password=(not shown)")
    var dumped = ""
    dump(configuration, to: &dumped)
    #expect(!dumped.contains("hunter2"))
  }

  @Test func `reads a file of properties in kcat's format, and names the line of an error`() throws {
    var configuration = KafkaConfiguration(bootstrapServers: "localhost:9092")
    try configuration.load(
      "# for kcat and for us\r\nbootstrap.servers = kafka:9093\r\n\r\nsasl.username=a=b\n  linger.ms=1", file: "k.conf")
    #expect(configuration.description == "bootstrap.servers=kafka:9093 sasl.username=a=b linger.ms=1")
    do {
      try configuration.load("linger.ms=1\nacks=1\n", file: "k.conf")
      Issue.record("acks was accepted")
    } catch {
      #expect(
        error.description
          == "k.conf:2: property acks cannot be set. The producer is always idempotent and waits for all in-sync replicas.")
    }
  }
}

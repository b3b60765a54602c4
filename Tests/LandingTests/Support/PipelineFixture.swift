import Dataset
import Kafka
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Landing

/// A fixture with a topic, a database and the sink between them.
struct PipelineFixture {
  let servers: String
  let url: String
  var topic = uniqueTopic("landing")
  var resource = Sample.keyed
  let said = Lines()
  /// librdkafka properties.
  var properties: [String: String] = [:]

  /// Runs a test with a broker (a real one if available) and a database.
  static func on(_ resource: Resource = Sample.keyed, _ body: (PipelineFixture) throws -> Void) throws {
    try withBroker { servers in
      try withDatabase { url in try body(PipelineFixture(servers: servers, url: url, resource: resource)) }
    }
  }

  var configuration: KafkaConfiguration {
    var configuration = KafkaConfiguration(bootstrapServers: servers, retrySeconds: 30)
    for (name, value) in properties { try? configuration.set(name, value) }
    return configuration
  }

  var options: SinkOptions {
    var options = Sample.options(topic: topic)
    options.database = url
    // Tests run in parallel, and members of one group would share the partitions.
    options.group = topic
    options.exitAtEnd = true
    options.retrySeconds = 30
    return options
  }

  /// Creates the topic; needs a real broker.
  func makeTopic(partitions: Int32 = 1, configuration: [String: String] = [:]) throws {
    let admin = try KafkaAdmin.open(self.configuration)
    defer { admin.close() }
    try admin.makeTopic(topic, partitions: partitions, configuration: configuration)
  }

  func deleteTopic() throws {
    let admin = try KafkaAdmin.open(configuration)
    defer { admin.close() }
    try admin.deleteTopic(topic)
  }

  typealias Message = (key: String?, value: String?)

  /// Publishes messages, all to one partition unless `partition` is nil, and waits until they are acknowledged.
  func publish(_ messages: [Message], partition: Int32? = 0) throws {
    try publishBytes(messages.map { ($0.key.map { Array($0.utf8) }, $0.value.map { Array($0.utf8) }) }, partition: partition)
  }

  func publish(_ values: [String], partition: Int32? = 0) throws { try publish(values.map { (nil, $0) }, partition: partition) }

  func publishBytes(_ messages: [(key: [UInt8]?, value: [UInt8]?)], partition: Int32? = 0) throws {
    let producer = try KafkaProducer.open(configuration, topic: topic)
    defer { producer.close() }
    for message in messages { try producer.send(key: message.key, value: message.value, partition: partition) }
    while try !producer.flush(milliseconds: 1000) {}
  }

  /// Rows of ids, amount 1.50.
  func publish(ids: Range<Int>, name: String = "a", partition: Int32? = 0) throws {
    try publish(ids.map { ("\($0)", Sample.message($0, name: name)) }, partition: partition)
  }

  /// A producer with an open transaction that holds these messages.
  func beginTransaction(_ id: String, ids: Range<Int>, partition: Int32 = 0) throws -> KafkaProducer {
    let producer = try KafkaProducer.open(configuration, topic: topic, transactionalID: id)
    try producer.initTransactions()
    try producer.beginTransaction()
    for id in ids { try producer.send(key: Array("\(id)".utf8), value: Array(Sample.message(id).utf8), partition: partition) }
    while try !producer.flush(milliseconds: 1000) {}
    return producer
  }

  @discardableResult
  func land(_ change: (inout SinkOptions) -> Void = { _ in }) throws -> SinkSummary {
    var options = options
    change(&options)
    let landing = try SinkTask(resource: resource, options: options, configuration: configuration, log: said.log)
    try landing.run()
    return landing.summary
  }

  func withConnection<T>(_ body: (PostgresConnection) throws -> T) throws -> T {
    let connection = try PostgresConnection.open(url, applicationName: "tests")
    defer { connection.close() }
    return try body(connection)
  }

  @discardableResult
  func query(_ sql: String) throws -> [[String?]] { try withConnection { try $0.query(sql).map { $0 } } }

  func execute(_ sql: String) throws { try withConnection { _ = try $0.execute(sql) } }

  func value(_ sql: String) throws -> String? { try query(sql).first?.first ?? nil }

  func count(_ table: String = "sample") throws -> Int { Int(try value("SELECT count(*) FROM \(table)") ?? "") ?? -1 }

  /// The expected counts; by default all received messages land in one batch.
  func summary(received: Int, landed: Int? = nil, rejected: Int = 0, deleted: Int = 0, batches: Int = 1) -> SinkSummary {
    var summary = SinkSummary()
    summary.received = received
    summary.landed = landed ?? received - rejected - deleted
    summary.rejected = rejected
    summary.deleted = deleted
    summary.batches = batches
    return summary
  }
}

extension SinkSummary {
  /// Without `bytes`, which a test rarely knows.
  var counts: SinkSummary {
    var copy = self
    copy.bytes = 0
    return copy
  }
}

/// Collects log lines for tests.
final class Lines: Sendable {
  private let lines = Mutex<[String]>([])

  var log: KafkaLog {
    KafkaLog { [self] level, text in if level > .debug { lines.withLock { $0.append(text) } } }
  }

  var all: [String] { lines.withLock { $0 } }

  func contains(_ text: String) -> Bool { all.contains { $0.contains(text) } }
}

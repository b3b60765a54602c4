import Dataset
import Kafka
import Postgres
import Synchronization

/// A topic, a database and a folder for one test, and the dataset between them: rows of id, name and amount.
///
/// The tests of a target extend it with what lands the rows: the sink itself, or the program.
package struct PipelineFixture {
  /// The columns of a row.
  package static let fields = [
    Field(header: "id", column: "id", type: .integer(NumberFormat())),
    Field(header: "name", column: "name", type: .string),
    Field(header: "amount", column: "amount", type: .number(NumberFormat())),
  ]

  /// The bootstrap servers of the broker.
  package let servers: String
  /// The database's connection URL.
  package let url: String
  /// A folder of its own.
  package let folder: TemporaryFolder
  /// The table that the rows land in.
  package var table: String
  /// What the topic and the table contain.
  package var resource: Resource
  /// A topic of its own.
  package var topic = uniqueTopic("pipeline")
  /// librdkafka properties.
  package var properties: [String: String] = [:]
  /// What was logged.
  package let output = Lines()

  /// A fixture for a broker and a database that the test has started.
  package init(servers: String, url: String, folder: TemporaryFolder, table: String = "rows", resource: Resource? = nil) {
    (self.servers, self.url, self.folder, self.table) = (servers, url, folder, table)
    self.resource = resource ?? Resource(name: table, path: table + ".csv", fields: Self.fields, primaryKey: [])
  }

  /// Runs a test with a broker (a real one if available), a database and a folder.
  package static func with<T>(table: String = "rows", resource: Resource? = nil, _ body: (PipelineFixture) throws -> T) throws -> T {
    try withBroker { servers in
      try withDatabase { url in
        try withTemporaryFolder { folder in
          try body(PipelineFixture(servers: servers, url: url, folder: folder, table: table, resource: resource))
        }
      }
    }
  }
}

// Kafka.
extension PipelineFixture {
  /// The settings of a client.
  package var configuration: KafkaConfiguration {
    var configuration = KafkaConfiguration(bootstrapServers: servers, retrySeconds: 30)
    for (name, value) in properties { try? configuration.set(name, value) }
    return configuration
  }

  /// Creates the topic; needs a real broker.
  package func makeTopic(partitions: Int32 = 1, replicas: Int32 = 1, configuration: [String: String] = [:]) throws {
    try withAdmin { try $0.makeTopic(topic, partitions: partitions, replicas: replicas, configuration: configuration) }
  }

  /// Deletes the topic and waits until the broker no longer lists it; needs a real broker.
  ///
  /// Until then the broker acknowledges messages to the deleted log, even if the topic was created again: they would disappear with it.
  package func deleteTopic() throws {
    try withAdmin { admin in
      try admin.deleteTopic(topic)
      try wait(until: "the topic is gone", seconds: 60) { try admin.partitions(of: topic).isEmpty }
    }
  }

  private func withAdmin(_ body: (KafkaAdmin) throws -> Void) throws {
    let admin = try KafkaAdmin.open(configuration)
    defer { admin.close() }
    try body(admin)
  }

  /// A key and a payload.
  package typealias Message = (key: String?, value: String?)

  /// Publishes messages, all to one partition unless `partition` is nil, and waits until they are acknowledged.
  package func publish(_ messages: [Message], partition: Int32? = 0) throws {
    try publishBytes(messages.map { ($0.key.map { Array($0.utf8) }, $0.value.map { Array($0.utf8) }) }, partition: partition)
  }

  /// As ``publish(_:partition:)``, without keys.
  package func publish(_ values: [String], partition: Int32? = 0) throws { try publish(values.map { (nil, $0) }, partition: partition) }

  /// As ``publish(_:partition:)``, for messages that are not text.
  package func publishBytes(_ messages: [(key: [UInt8]?, value: [UInt8]?)], partition: Int32? = 0) throws {
    try withProducer { producer in
      for message in messages { try producer.send(key: message.key, value: message.value, partition: partition) }
    }
  }

  /// Waits until all that `body` has sent is acknowledged.
  package func withProducer(_ body: (KafkaProducer) throws -> Void) throws {
    let producer = try KafkaProducer.open(configuration, topic: topic)
    defer { producer.close() }
    try body(producer)
    while try !producer.flush(timeout: .seconds(1)) {}
  }
}

// Postgres.
extension PipelineFixture {
  /// Runs a test with a session.
  package func withConnection<T>(_ body: (PostgresConnection) throws -> T) throws -> T {
    let connection = try PostgresConnection.open(url, applicationName: "tests")
    defer { connection.close() }
    return try body(connection)
  }

  /// The rows of a statement.
  @discardableResult
  package func query(_ sql: String) throws -> [[String?]] { try withConnection { try $0.query(sql).map { $0 } } }

  /// Runs statements.
  package func execute(_ sql: String) throws { try withConnection { _ = try $0.execute(sql) } }

  /// The first value of the first row.
  package func value(_ sql: String) throws -> String? { try query(sql).first?.first ?? nil }

  /// Number of rows in a table, by default the one that the rows land in; -1 if there is no answer.
  package func count(_ table: String? = nil) throws -> Int { Int(try value("SELECT count(*) FROM \(table ?? self.table)") ?? "") ?? -1 }
}

/// Collects log lines for tests.
package final class Lines: Sendable {
  private let lines = Mutex<[String]>([])

  /// No lines.
  package init() {}

  /// A log that is collected, without its debug messages.
  package var log: KafkaLog {
    KafkaLog { [self] level, text in if level > .debug { lines.withLock { $0.append(text) } } }
  }

  /// The lines in their order.
  package var all: [String] { lines.withLock { $0 } }

  /// Whether a line contains a text.
  package func contains(_ text: String) -> Bool { all.contains { $0.contains(text) } }
}

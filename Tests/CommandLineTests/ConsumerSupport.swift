import Kafka
import LocalStack
import Postgres
import TestSupport

/// What the tests of netflix-consumer share: a broker, a database, a description, and the program.
struct ConsumerStage {
  let servers: String
  let url: String
  let folder: TemporaryFolder
  var topic = uniqueTopic("consumer")
  var table = "rows"

  /// A table without a key: id, name, amount. Or with `id` as its key.
  static func description(isKeyed: Bool) -> String {
    """
    {"name":"rows","resources":[{"name":"rows","path":"rows.csv","schema":{"fields":[
    {"name":"id","type":"integer"},{"name":"name","type":"string"},{"name":"amount","type":"number"}]\
    \(isKeyed ? ",\"primaryKey\":\"id\"" : "")}}]}
    """
  }

  static func on(isKeyed: Bool = false, _ body: (ConsumerStage) throws -> Void) throws {
    try withBroker { servers in
      try withDatabase { url in try at(servers, url, isKeyed: isKeyed, body) }
    }
  }

  static func at<T>(_ servers: String, _ url: String, isKeyed: Bool = false, _ body: (ConsumerStage) throws -> T) throws -> T {
    try withTemporaryFolder { folder in
      try folder.write("datapackage.json", description(isKeyed: isKeyed))
      return try body(ConsumerStage(servers: servers, url: url, folder: folder))
    }
  }

  var arguments: [String] {
    [
      "--dataset", folder.path + "/datapackage.json", "--bootstrap-servers", servers, "--topic", topic, "--group", topic, "--database", url,
      "--table", table, "--json",
    ]
  }

  func start(_ more: String..., database: String? = nil) throws -> RunningProgram {
    try RunningProgram("netflix-consumer", arguments + (database.map { ["--database", $0] } ?? []) + more)
  }

  func consume(_ more: String..., seconds: Double = 120) throws -> ProgramResult {
    try RunningProgram("netflix-consumer", arguments + more).wait(seconds: seconds)
  }

  func makeTopic(partitions: Int32) throws {
    let admin = try KafkaAdmin.open(KafkaConfiguration(bootstrapServers: servers, retrySeconds: 30))
    defer { admin.close() }
    try admin.createTopic(topic, partitions: partitions)
    while try admin.partitions(of: topic).count < partitions {}
  }

  /// Publishes rows of these ids, in turn to so many partitions.
  func publish(_ ids: Range<Int>, partitions: Int = 1) throws {
    let producer = try KafkaProducer.open(KafkaConfiguration(bootstrapServers: servers), topic: topic)
    defer { producer.close() }
    for id in ids {
      let value = "{\"id\":\(id),\"name\":\"row \(id)\",\"amount\":\(id % 100).25}"
      try producer.send(key: nil, value: Array(value.utf8), partition: Int32(id % partitions))
    }
    while try !producer.flush(milliseconds: 1000) {}
  }

  func publish(_ values: [String]) throws {
    let producer = try KafkaProducer.open(KafkaConfiguration(bootstrapServers: servers), topic: topic)
    defer { producer.close() }
    for value in values { try producer.send(key: nil, value: Array(value.utf8), partition: 0) }
    while try !producer.flush(milliseconds: 1000) {}
  }

  func query(_ sql: String) throws -> [[String?]] {
    let connection = try PostgresConnection.open(url, applicationName: "tests")
    defer { connection.close() }
    return try connection.query(sql).map { $0 }
  }

  func value(_ sql: String) throws -> String? { try query(sql).first?.first ?? nil }

  /// Rows in the table; 0 while there is none.
  func rows() throws -> Int {
    guard try value("SELECT to_regclass('\(table)')") != nil else { return 0 }
    return Int(try value("SELECT count(*) FROM \(table)") ?? "") ?? 0
  }

  /// Everything of 0..<ids is there once, by content and by place.
  func isWhole(_ ids: Int) throws -> String? {
    try value(
      """
      SELECT CASE WHEN count(*) = \(ids) AND count(DISTINCT id) = \(ids) AND min(id) = 0 AND max(id) = \(ids - 1)
        AND count(DISTINCT (kafka_partition, kafka_offset)) = \(ids) AND bool_and(name = 'row ' || id AND amount = id % 100 + 0.25)
      THEN 'whole' ELSE count(*) || ' rows, ' || count(DISTINCT id) || ' ids, ' || count(DISTINCT (kafka_partition, kafka_offset)) || ' places' END
      FROM \(table)
      """)
  }
}

/// The summary's line without what differs from run to run.
func withoutSeconds(_ line: String) -> String {
  guard let start = line.firstRange(of: ",\"seconds\":") else { return line }
  return line[..<start.lowerBound] + "}"
}

extension String {
  /// The number of a member of a summary; nil where there is none.
  func number(_ name: String) -> Int? {
    guard let start = firstRange(of: "\"\(name)\":") else { return nil }
    return Int(self[start.upperBound...].prefix { $0.isNumber })
  }
}

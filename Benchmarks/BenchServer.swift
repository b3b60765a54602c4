import Console
import DevServices
import Kafka
import Postgres
import Processes

/// The broker and the database that both sides of a comparison use.
final class BenchServer {
  let bootstrapServers: String
  let database: String
  private let postgres: TemporaryPostgres?
  private let admin: KafkaAdmin
  private let tools: Tools
  private var topics: [String] = []
  private var tables: [String] = []
  private let stamp = UInt32.random(in: 0...UInt32.max)

  init(bootstrapServers: String, database: String?, tools: Tools) throws {
    self.bootstrapServers = bootstrapServers
    self.tools = tools
    admin = try KafkaAdmin.open(KafkaConfiguration(bootstrapServers: bootstrapServers, retrySeconds: 20))
    do {
      // So that no checkpoint or vacuum affects only one of two runs.
      let quiet = ["max_wal_size": "16GB", "checkpoint_timeout": "1h", "autovacuum": "off"]
      postgres = database == nil ? try TemporaryPostgres(.port, fast: false, settings: quiet) : nil
    } catch {
      admin.close()
      throw error
    }
    self.database = database ?? postgres?.url ?? ""
  }

  func close() {
    for topic in topics { try? admin.deleteTopic(topic) }
    for table in tables { try? execute("DROP TABLE IF EXISTS \(table)") }
    admin.close()
    postgres?.stop()
  }

  func name(_ purpose: String) -> String { "bench_\(purpose)_\(stamp)" }

  /// A new topic of three partitions.
  func topic(_ purpose: String) throws -> String {
    let topic = name(purpose)
    try admin.createTopic(topic, partitions: 3)
    topics.append(topic)
    return topic
  }

  func delete(topic: String) throws {
    try admin.deleteTopic(topic)
    topics.removeAll { $0 == topic }
  }

  /// The name of a table that is dropped at the end.
  func table(_ purpose: String) -> String {
    let table = name(purpose)
    tables.append(table)
    return table
  }

  func execute(_ sql: String) throws {
    let connection = try PostgresConnection.open(database, applicationName: "bench")
    defer { connection.close() }
    try connection.execute(sql)
  }

  func query(_ sql: String) throws -> [[String?]] {
    let connection = try PostgresConnection.open(database, applicationName: "bench")
    defer { connection.close() }
    return try connection.query(sql).rows
  }

  func psql(_ script: String) throws -> ProcessResult {
    try tools.run("psql", [database, "-qXv", "ON_ERROR_STOP=1", "-c", script])
  }

  func psql(file: String) throws -> ProcessResult {
    try tools.run("psql", [database, "-qXv", "ON_ERROR_STOP=1", "-f", file])
  }

  func drop(_ table: String) throws {
    try execute("DROP TABLE IF EXISTS \(table)")
    try execute("CHECKPOINT")
  }
}

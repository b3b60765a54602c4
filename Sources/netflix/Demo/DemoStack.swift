import CommonOptions
import Console
import DatabaseOptions
import DevServices
import FoundationEssentials
import Glibc
import Kafka
import Postgres
import Processes

/// The services of a demo: an embedded broker, a temporary Postgres, and the two programs next to this one.
final class DemoStack {
  let broker: EmbeddedBroker
  let postgres: TemporaryPostgres
  let topic: String
  /// The table as in the description, and quoted for SQL.
  let table: String
  let quotedTable: String
  let quotedRejects: String
  private let dataset: String
  private let programs: String

  var databaseURL: String { postgres.url }

  init(_ source: DemoSource) throws {
    dataset = source.dataset
    (topic, table) = (source.resource.topic, source.resource.table)
    programs = try Self.folderOfPrograms()
    broker = try EmbeddedBroker.start(topics: [topic: 3])
    do {
      postgres = try TemporaryPostgres(.port)
    } catch {
      broker.close()
      throw error
    }
    do {
      let connection = try PostgresConnection.open(postgres.url, applicationName: "netflix demo", waitState: Signals.waitState)
      defer { connection.close() }
      quotedTable = try connection.quoteTable(table)
      let schema = table.contains(".") ? table.prefix { $0 != "." } + "." : ""
      quotedRejects = try connection.quoteTable(schema + "netflix_rejected")
    } catch {
      postgres.stop()
      broker.close()
      throw error
    }
  }

  func close() {
    postgres.stop()
    broker.close()
  }

  struct Published: Decodable {
    let read: Int
    let delivered: Int
    let seconds: Double
  }

  struct Landed: Decodable {
    let received: Int
    let landed: Int
    let rejected: Int
    let seconds: Double
  }

  func publish(_ csv: String) throws -> Published {
    try summary(of: "netflix-producer", [csv] + common)
  }

  func land() throws -> Landed {
    try summary(of: "netflix-consumer", ["--exit-at-end", "--database", postgres.url] + common)
  }

  /// Sends a message directly, without netflix-producer, which would reject it.
  func send(key: String, value: String) throws {
    let configuration = KafkaConfiguration(bootstrapServers: broker.bootstrapServers, retrySeconds: 30)
    let producer = try KafkaProducer.open(configuration, topic: topic)
    defer { producer.close() }
    try producer.send(key: key, value: value)
    guard try producer.flush(timeout: .seconds(30)) else { throw CommandError(.unavailable, "the embedded broker does not answer") }
  }

  func query(_ sql: String) throws -> PostgresRows {
    let connection = try PostgresConnection.open(postgres.url, applicationName: "netflix demo", waitState: Signals.waitState)
    defer { connection.close() }
    return try connection.query(sql)
  }

  private var common: [String] {
    [
      "--dataset", dataset, "--bootstrap-servers", broker.bootstrapServers, "--topic", topic, "--retry-seconds", "30", "--json", "-q",
    ]
  }

  private func summary<Summary: Decodable>(of program: String, _ arguments: [String]) throws -> Summary {
    let run = try ProcessResult.run("\(programs)/\(program)", arguments, stop: Signals.descriptor)
    try Signals.check()
    guard run.status == 0 else {
      throw CommandError(
        ExitCode(run.status), "\(program) exited with status \(run.status):", hint: run.errors.isEmpty ? nil : run.errors)
    }
    let line = run.output.split(separator: "\n").last ?? ""
    do {
      return try JSONDecoder().decode(Summary.self, from: Data(line.utf8))
    } catch {
      throw CommandError(.internal, "\(program) printed an unexpected summary: \(line)")
    }
  }

  /// The folder of this program; the other two programs are built and installed in the same folder.
  private static func folderOfPrograms() throws -> String {
    let resolved = realpath("/proc/self/exe", nil)
    defer { free(resolved) }
    let path = resolved.map { String(cString: $0) } ?? ""
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    for program in ["netflix-producer", "netflix-consumer"] where access("\(folder)/\(program)", X_OK) != 0 {
      throw CommandError(
        .unavailable, "\(program) is not in \(folder), next to netflix", hint: "'make demo' or 'swift build' builds all three.")
    }
    return folder
  }
}

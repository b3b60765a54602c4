import Console
import DevServices
import Glibc

/// Measures the programs against standard tools that do the same work.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Compare the programs with kcat, psql and sqlite3, on the same broker and the same Postgres.",
    discussion: """
      Each result is the ratio to the other tool in the same round; the median of the rounds counts. The programs are the release build \
      in the same folder. Without DATABASE_URL a temporary Postgres is started with production durability settings; etl always uses its \
      own. Producer and consumer need a real broker: the embedded one keeps 5 MB per partition.
      """,
    examples: [
      .init("Everything", "KAFKA_BOOTSTRAP_SERVERS=localhost:9092 make bench"),
      .init("A quick run of the producer", "make bench ARGS='--rows 100000 --runs 1 --only producer'"),
      .init("How soon a row is visible, with fsync", "make bench ARGS='--only latency'"),
      .init("The cases without a broker", "make bench ARGS='--only etl --only dashboard --only forecast'"),
    ])

  @Option(help: "A real broker; topics named bench_… are created and deleted.", environment: "KAFKA_BOOTSTRAP_SERVERS")
  var bootstrapServers: String?

  @Option(help: "A real Postgres; tables named bench_… are created and dropped.", environment: "DATABASE_URL")
  var database: String?

  @Option(help: "Number of rows of the large runs.", in: 1...SyntheticRows.maximum)
  var rows = 1_000_000

  @Option(help: "Number of rounds; the result is their median.", in: 1...99)
  var runs = 5

  @Option(help: ArgumentHelp("The cases to run.", valueName: "CASE"))
  var only: [CaseName]

  @Option(help: ArgumentHelp("The description of the data.", valueName: "FILE"))
  var dataset = "data/datapackage.json"

  enum CaseName: String, CaseIterable, ExpressibleByArgument {
    case producer, append, upsert, small, latency, etl, dashboard, forecast

    var needsBroker: Bool { ![.etl, .dashboard, .forecast].contains(self) }

    /// The tools for comparison, with their packages.
    var tools: [String: String] {
      switch self {
      case .etl: ["psql": "postgresql-client", "sqlite3": "sqlite3"]
      case .dashboard: ["wrk": "wrk"]
      case .latency, .forecast: [:]
      case .producer, .append, .upsert, .small: ["kcat": "kcat", "psql": "postgresql-client", "split": "coreutils"]
      }
    }
  }

  mutating func run() throws {
    Signals.install(exitsOnSecondSignal: false)
    let wanted = only.isEmpty ? CaseName.allCases : CaseName.allCases.filter(only.contains)
    let tools = try Tools(wanted.reduce(into: [:]) { $0.merge($1.tools) { $1 } })
    let files = try BenchFiles(tools: tools, dataset: dataset)
    defer { files.close() }
    var table = ResultTable()
    let result = Result {
      if wanted.contains(where: \.needsBroker) { try measureWithBroker(wanted, files, tools, &table) }
      if wanted.contains(.etl) { try EtlBench(files: files, tools: tools, rows: rows, runs: runs).add(to: &table) }
      if wanted.contains(.dashboard) { try DashboardBench(files: files, tools: tools, runs: runs).add(to: &table) }
      if wanted.contains(.forecast) { try ForecastBench(runs: runs).add(to: &table) }
    }
    // The results before a failed case are printed, too.
    try StandardOutput.print("\n" + table.text)
    try result.get()
    if table.isOver { throw ExitCode.badData }
  }

  private func measureWithBroker(_ wanted: [CaseName], _ files: BenchFiles, _ tools: Tools, _ table: inout ResultTable) throws {
    guard let bootstrapServers else {
      throw CommandError(
        .usage, "no broker: KAFKA_BOOTSTRAP_SERVERS is not set",
        hint:
          "Start Kafka and set its address: KAFKA_BOOTSTRAP_SERVERS=host:9092 make bench\nWithout a broker: --only etl --only dashboard --only forecast"
      )
    }
    let server = try BenchServer(bootstrapServers: bootstrapServers, database: database, tools: tools)
    defer { server.close() }
    try StandardOutput.print(Machine.description(server) + "\n")
    let bench = BenchCase(files: files, server: server, tools: tools, rows: rows, runs: runs)
    for name in wanted {
      switch name {
      case .producer: try bench.producer(&table)
      case .append: try bench.append(&table)
      case .upsert: try bench.upsert(&table)
      case .small: try bench.small(&table)
      case .latency: try LatencyBench(files: files, server: server, tools: tools).add(to: &table)
      case .etl, .dashboard, .forecast: break
      }
    }
  }
}

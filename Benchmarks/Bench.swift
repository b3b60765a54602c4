import Console
import Glibc
import LocalStack

/// Measures the programs against the tools that do the same by hand.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "measures the programs beside kcat and psql, on the same broker and the same Postgres",
    discussion: """
      Each figure is a ratio to the tool beside it in the same round; the median of the rounds counts. The programs are the release build \
      beside this one. Without a database's address a private Postgres is started, durable as in earnest. It needs a real broker: the \
      embedded one keeps 5 MB a partition.
      """,
    examples: [
      .init("Everything", "KAFKA_BOOTSTRAP_SERVERS=localhost:9092 make bench"),
      .init("A quick look at the producer", "make bench ARGS='--rows 100000 --runs 1 --only producer'"),
      .init("The fits of a forecast, with no broker", "make bench ARGS='--only forecast'"),
    ])

  @Option(help: "A real broker; topics named bench_… are made and deleted.", environment: "KAFKA_BOOTSTRAP_SERVERS")
  var bootstrapServers: String?

  @Option(help: "A real Postgres; tables named bench_… are made and dropped.", environment: "DATABASE_URL")
  var database: String?

  @Option(help: "Rows of the large runs.", in: 1...GeneratedRows.maximum)
  var rows = 1_000_000

  @Option(help: "Rounds; the median of them counts.", in: 1...99)
  var runs = 5

  @Option(help: ArgumentHelp("Which cases.", valueName: "CASE"))
  var only: [CaseName]

  @Option(help: ArgumentHelp("The description of the data.", valueName: "FILE"))
  var dataset = "data/datapackage.json"

  enum CaseName: String, CaseIterable, ExpressibleByArgument { case producer, append, upsert, small, forecast }

  mutating func run() throws {
    Signals.install(secondEndsAtOnce: false)
    let wanted = only.isEmpty ? CaseName.allCases : only
    var table = ResultTable()
    // It needs neither broker nor database.
    if wanted.contains(.forecast) { try ForecastBench(runs: runs).add(to: &table) }
    if wanted == [.forecast] {
      try StandardOutput.print(table.text)
      if table.isOver { throw ExitCode.badData }
      return
    }
    guard let bootstrapServers else {
      throw Failure(
        .usage, "no broker: KAFKA_BOOTSTRAP_SERVERS is not set",
        advice: "Start Kafka and say where: KAFKA_BOOTSTRAP_SERVERS=host:9092 make bench")
    }
    let tools = try Tools()
    let files = try BenchFiles(tools: tools, dataset: dataset)
    defer { files.close() }
    let server = try BenchServer(bootstrapServers: bootstrapServers, database: database, tools: tools)
    defer { server.close() }

    try StandardOutput.print(Machine.description(server) + "\n")
    for name in CaseName.allCases where wanted.contains(name) {
      let bench = BenchCase(files: files, server: server, tools: tools, rows: rows, runs: runs)
      switch name {
      case .producer: try bench.producer(&table)
      case .append: try bench.append(&table)
      case .upsert: try bench.upsert(&table)
      case .small: try bench.small(&table)
      case .forecast: break
      }
    }
    try StandardOutput.print("\n" + table.text)
    if table.isOver { throw ExitCode.badData }
  }
}

import CommonOptions
import Console
import Dashboard
import DevServices
import Glibc
import HTTP

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the whole pipeline on this machine, without setup.",
    discussion: """
      Starts a Kafka broker inside this process and a Postgres server in a temporary folder, runs netflix-producer to publish the CSV and \
      netflix-consumer to land it, and shows the table. Then it repeats the run, to show that no row is duplicated, and sends an invalid \
      message, to show that it is rejected. Everything is removed at the end, even if the demo fails or is stopped.
      """,
    examples: [
      .init("The 21 quarters of this repository", "netflix demo"),
      .init("A hundred thousand generated rows", "netflix demo --rows 100000"),
      .init("Keep the tables for inspection", "netflix demo --keep"),
    ])

  @Option(help: ArgumentHelp("The CSV, with its datapackage.json in the same folder.", valueName: "CSV"))
  var csv = "data/netflix_revenue_updated.csv"

  @Option(help: ArgumentHelp("Generate N rows, one per day, instead of reading the CSV.", valueName: "N"), in: 1...SyntheticRows.maximum)
  var rows: Int?

  @Flag(help: "Keep Postgres running, and print the commands to connect to it and to stop it.")
  var keep = false

  @Flag(help: "Do not start the dashboard at the end (it is started on a terminal only).")
  var noDashboard = false

  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    if rows != nil, $csv.source == .commandLine {
      throw CommandError(.usage, "--rows generates rows, and --csv names a file of them", hint: "Leave one of them out.")
    }
  }

  mutating func run() throws {
    // The user's environment variables refer to another Kafka and another Postgres.
    Environment.remove(prefixes: ["KAFKA_", "NETFLIX_", "PG", "DATABASE_URL"])
    // A second Ctrl-C must not leave a Postgres server running.
    Signals.install(exitsOnSecondSignal: false)
    let source = try DemoSource(csv: csv, rows: rows)
    let scenario = DemoScenario(printer: StepPrinter(quiet: output.log.level < .info, toStandardError: output.json), log: output.log)
    let stack = try scenario.start(source)
    defer { stack.close() }
    let summary = try scenario.run(of: source, on: stack)
    if output.json { try summary.write() }
    if keep { try scenario.keep(stack) }
    if !noDashboard, !output.json, isatty(STDOUT_FILENO) == 1, isatty(STDIN_FILENO) == 1 {
      try showDashboard(database: stack.databaseURL, dataset: source.dataset, log: output.log)
    }
  }
}

extension DemoCommand {
  /// Shows the dashboard of the landed rows at the end of a demo on a terminal, until Ctrl-C.
  ///
  /// If it cannot start, a warning is logged, because the demo itself has succeeded by then.
  ///
  /// - Parameters:
  ///   - database: the database with `netflix_raw`; it must be available until this returns.
  ///   - dataset: the description's file.
  func showDashboard(database: String, dataset: String, log: Log) throws {
    let resource = try DescriptionFile.load(dataset).resource(named: nil, forCSV: nil)
    let chart: ChartLibrary
    do throws(ChartLibrary.Missing) {
      chart = try ChartLibrary()
    } catch {
      log.warning("no dashboard: \(error.message) (\(error.hint))")
      return
    }
    func open(port: Int) throws -> DashboardServer {
      try DashboardServer(postgres: database, table: resource.table, resource: resource, chart: chart, host: "127.0.0.1", port: port)
    }
    let server: DashboardServer
    do {
      server = try open(port: 8501)
    } catch let error as HTTPError where error.kind == .portTaken {
      server = try open(port: 0)
    }
    defer { server.close() }
    log.info("dashboard: \(server.url)  (Ctrl-C ends it)")
    _ = Signals.wait()
  }
}

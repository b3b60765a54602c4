import CommonOptions
import Console
import Dashboard
import HTTP
import Metrics
import Support
import Warehouse

struct DashboardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve a live dashboard with trends, growth, findings and a forecast.",
    discussion: """
      Serves a page, a JSON API (described at /api), /metrics for Prometheus and /healthz. Rows that land in Postgres appear without \
      reloading the page; a CSV or SQLite file is reloaded when it changes. The page requests no other host.

      EXIT STATUS
        0 stopped by a signal          64 usage, no such address            65 bad rows, with the location of the first
        66 no CSV, file or Chart.js    69 port taken, Postgres not reachable
        77 login or permission denied  78 the description is invalid
      """,
    examples: [
      .init("The CSV of this repository, on http://127.0.0.1:8501", "netflix dashboard"),
      .init("The rows that netflix-consumer lands, live", "netflix dashboard --from postgres"),
      .init("The file that 'netflix etl --to sqlite' made, on another port", "netflix dashboard --from sqlite --port 8600"),
      .init("Reachable from other machines", "netflix dashboard --host 0.0.0.0"),
      .init("Behind a proxy that forwards the host name stats.example.org", "netflix dashboard --allowed-host stats.example.org"),
    ])

  @Option(help: "The address to listen on; the default is this machine only.", environment: "NETFLIX_DASHBOARD_HOST")
  var host = "127.0.0.1"

  @Option(help: "The port; 0 chooses a free port.", environment: "NETFLIX_DASHBOARD_PORT", in: 0...65_535)
  var port = 8501

  @Option(
    help: ArgumentHelp(
      "An additional host name for requests, such as a proxy's. With --host 0.0.0.0 every name is allowed.",
      valueName: "NAME"))
  var allowedHost: [String] = []

  @OptionGroup(title: "Rows") var rows: SnapshotOptions

  @Option(
    help: ArgumentHelp("The file of Chart.js, version 3.", valueName: "FILE", default: "the file of the package libjs-chart.js"),
    environment: "NETFLIX_CHART_JS")
  var chartJs: String?

  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    for name in allowedHost where AllowedHosts.allowedName(name) == nil {
      throw CommandError(
        .usage, "--allowed-host \(name): not the name of a host", hint: "Give the name alone, without http:// and without a path.")
    }
  }

  mutating func run() throws {
    // Before the server's threads start.
    Signals.install()
    let server: DashboardServer
    do {
      server = try open()
    } catch  where Signals.received != nil {
      return  // stopped while it waited for Postgres
    }
    defer { server.close() }
    server.metrics.addBuildInfo(version: productVersion)
    if let notice = server.notice { output.log.warning(notice) }
    if server.rows == 0 { output.log.warning("no rows in \(server.place) yet: they show as they land") }
    output.log.info("\(counted(server.rows, "row")) of \(server.place)")
    output.log.info("dashboard: \(server.url)  (Ctrl-C ends it)")
    if output.json {
      var summary = JSONSummary()
      summary.add("url", server.url)
      summary.add("rows", server.rows)
      try summary.write()
    }
    let signal = Signals.wait()
    output.log.debug("stopped by \(signal.name)")
  }

  private func open() throws -> DashboardServer {
    let resource = try rows.loadResource()
    let chart = try ChartLibrary(path: chartJs)
    // Waits for Postgres once, at the start; later the server itself reconnects.
    if rows.from == .postgres { try rows.access.open(applicationName: "netflix dashboard", log: output.log).close() }
    var options = HTTPServer.Options()
    options.allowedHosts = allowedHost
    options.allowedHostOption = "--allowed-host"
    return switch rows.from {
    case .csv:
      try DashboardServer(csv: rows.csvFile(of: resource), resource: resource, chart: chart, host: host, port: port, options: options)
    case .sqlite:
      try DashboardServer(sqlite: rows.sqliteFile(of: resource), resource: resource, chart: chart, host: host, port: port, options: options)
    case .postgres:
      try DashboardServer(
        postgres: rows.access.database.dsn, table: rows.table ?? resource.table, resource: resource, chart: chart, host: host,
        port: port, options: options, isStopped: { Signals.received != nil })
    }
  }
}

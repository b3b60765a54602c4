import CommonOptions
import Console
import Dashboard
import HTTP

extension DemoCommand {
  /// The end of a demo on a terminal: the dashboard on the rows that just landed, until Ctrl-C.
  ///
  /// What keeps it from starting is said and no failure: the demo itself has ended well by then.
  ///
  /// - Parameters:
  ///   - database: where `netflix_raw` is; it answers until this returns.
  ///   - dataset: the description's file.
  func showDashboard(database: String, dataset: String, log: Log) throws {
    let resource = try DescriptionFile.load(dataset).resource(named: nil, forCSV: nil)
    let chart: ChartLibrary
    do throws(ChartLibrary.Missing) {
      chart = try ChartLibrary()
    } catch {
      log.warning("no dashboard: \(error.message) (\(error.advice))")
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

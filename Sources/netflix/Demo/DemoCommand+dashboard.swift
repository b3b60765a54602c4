import CommonOptions
import Console
import Dashboard
import HTTP

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

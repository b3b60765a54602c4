import Dataset
import HTTP
import Metrics
import Postgres

/// The dashboard: its page, its API and its metrics, over one source of rows.
public final class DashboardServer: Sendable {
  private let live: DataRefresher
  private let server: HTTPServer
  public let metrics: MetricsRegistry

  /// Reads the rows once and then listens. `preparesForecast`: whether the page's first forecast is made before somebody asks. Throws what the source throws, or `HTTPError`.
  init(
    _ open: @escaping @Sendable () throws -> any DataSource, chart: ChartLibrary, host: String, port: Int,
    options: HTTPServer.Options = .init(), preparesForecast: Bool = true, stop: WakeupPipe = WakeupPipe(),
    waiting: PostgresWaitPolicy = PostgresWaitPolicy()
  ) throws {
    let metrics = MetricsRegistry()
    metrics.addProcessMetrics()
    let editions = metrics.counter("dashboard_editions_total", help: "Times the rows had changed and were read anew.")
    let desk = ForecastService()
    let live = try DataRefresher(open, stop: stop) { edition in
      editions.add()
      if preparesForecast { desk.prepareFirst(of: edition) }
    }
    if preparesForecast { desk.prepareFirst(of: live.edition) }
    var router = HTTPRouter()
    for asset in PageAsset.all { router.get(asset.path) { request in asset.body.response(to: request) } }
    let library = CachedBody(chart.bytes, type: PageAsset.javascript)
    router.get("/chart.js") { request in library.response(to: request) }
    DashboardAPI(live: live, desk: desk).add(to: &router)
    router.addMetrics(of: metrics) {
      if let trouble = live.current.trouble { return trouble }
      guard let silence = waiting.silence, silence >= PostgresSource.longestSilence else { return nil }
      return "Postgres has not responded for \(silence.components.seconds) s"
    }
    let streams = metrics.gauge("dashboard_event_streams", help: "Open pages that are told of new rows.")
    metrics.addCollector { streams.set(live.hub.count) }
    self.live = live
    self.metrics = metrics
    do {
      server = try HTTPServer(
        host: host, port: port, options: options, observer: RequestMetrics(metrics, paths: router.paths).observe, router: router)
    } catch {
      live.close()
      throw error
    }
  }

  /// Over the rows that land in Postgres; pages hear of new ones at once.
  ///
  /// - Parameters:
  ///   - postgres: The address as libpq takes it; nil leaves it to libpq's variables.
  ///   - table: The landed rows' table, as `netflix_raw`.
  ///   - port: 0 asks the system for one.
  ///   - isStopped: whether to stop waiting for Postgres; asked from any thread.
  /// - Throws: Errors of Postgres and of the warehouse as they are, or `HTTPError`.
  public convenience init(
    postgres address: String?, table: String, resource: Resource, chart: ChartLibrary, host: String, port: Int,
    options: HTTPServer.Options = .init(), isStopped: @escaping @Sendable () -> Bool = { false }
  ) throws {
    let stop = WakeupPipe()
    let waiting = PostgresWaitPolicy { stop.isSet || isStopped() }
    try self.init(
      { try PostgresSource(address, table: table, resource: resource, waiting: waiting) }, chart: chart, host: host, port: port,
      options: options, stop: stop, waiting: waiting)
  }

  /// Over the CSV itself; pages hear of a change within a second.
  public convenience init(
    csv file: String, resource: Resource, chart: ChartLibrary, host: String, port: Int, options: HTTPServer.Options = .init()
  ) throws {
    try self.init({ CSVSource(file, resource: resource) }, chart: chart, host: host, port: port, options: options)
  }

  /// Over the SQLite file that `netflix etl` made; pages hear of a change within a second.
  public convenience init(
    sqlite file: String, resource: Resource, chart: ChartLibrary, host: String, port: Int, options: HTTPServer.Options = .init()
  ) throws {
    try self.init({ try SQLiteSource(file, resource: resource) }, chart: chart, host: host, port: port, options: options)
  }

  /// Rows that are shown now.
  public var rows: Int { live.edition.rows.provenance.rows }
  /// What they are read from: a file, or a database and table.
  public var place: String { live.edition.store.place }

  /// What the user must know about how changes are noticed.
  public var notice: String? { live.notice }

  public var url: String { server.url }
  public var port: Int { server.port }

  /// Lets requests in hand finish and ends open streams. May be called again.
  public func close() {
    server.close()
    live.close()
  }
}

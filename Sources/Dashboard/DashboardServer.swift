import Dataset
import HTTP
import Metrics
import Postgres
import SystemIO

/// The dashboard: its page, its API and its metrics, for one source of rows.
package final class DashboardServer: Sendable {
  private let live: DataRefresher
  private let forecasts: ForecastService
  private let server: HTTPServer
  /// The metrics that `/metrics` serves.
  package let metrics: MetricsRegistry
  /// The paths of all routes.
  let paths: [String]

  /// Reads the rows once and then listens. `preparesForecast`: whether the page's first forecast is computed before the first request. Throws the
  /// source's errors, or `HTTPError`.
  init(
    _ open: @escaping @Sendable () throws -> any DataSource, chart: ChartLibrary, host: String, port: Int,
    options: HTTPServer.Options = .init(), preparesForecast: Bool = true, stop: WakeupPipe = WakeupPipe(),
    waiting: PostgresWaitState = PostgresWaitState()
  ) throws {
    let metrics = MetricsRegistry()
    metrics.addProcessMetrics()
    let reloads = metrics.counter("dashboard_data_reloads_total", help: "Times the rows changed and were reloaded.")
    let forecasts = ForecastService()
    let live = try DataRefresher(open, stop: stop) { dataset in
      reloads.add()
      if preparesForecast { forecasts.prepareFirst(of: dataset) }
    }
    if preparesForecast { forecasts.prepareFirst(of: live.dataset) }
    var router = HTTPRouter()
    for asset in PageAsset.all { router.get(asset.path) { request in asset.body.response(to: request) } }
    let library = CachedBody(chart.bytes, type: PageAsset.javascript)
    router.get("/chart.js") { request in library.response(to: request) }
    DashboardAPI(live: live, forecasts: forecasts).add(to: &router)
    router.addMetrics(of: metrics) {
      if let error = live.current.error { return error }
      guard let silence = waiting.pendingDuration, silence >= PostgresSource.longestSilence else { return nil }
      return "Postgres has not responded for \(silence.components.seconds) s"
    }
    let connections = metrics.gauge("dashboard_sse_connections", help: "Open streams of server-sent events (one per page).")
    metrics.addCollector { connections.set(live.hub.count) }
    self.live = live
    self.forecasts = forecasts
    self.metrics = metrics
    paths = router.paths
    do {
      server = try HTTPServer(
        host: host, port: port, options: options, observer: RequestMetrics(metrics, paths: paths).observe, router: router)
    } catch {
      live.close()
      throw error
    }
  }

  /// For the rows that land in Postgres; pages show new rows at once.
  ///
  /// - Parameters:
  ///   - postgres: The libpq connection string; nil: libpq's environment variables apply.
  ///   - table: The table of the landed rows, for example `netflix_raw`.
  ///   - port: 0: the system chooses one.
  ///   - isStopped: whether to stop waiting for Postgres; called from any thread.
  /// - Throws: `PostgresError`, `WarehouseError` or `HTTPError`.
  package convenience init(
    postgres address: String?, table: String, resource: Resource, chart: ChartLibrary, host: String, port: Int,
    options: HTTPServer.Options = .init(), isStopped: @escaping @Sendable () -> Bool = { false }
  ) throws {
    let stop = WakeupPipe()
    let waiting = PostgresWaitState { stop.isSet || isStopped() }
    try self.init(
      { try PostgresSource(address, table: table, resource: resource, waiting: waiting) }, chart: chart, host: host, port: port,
      options: options, stop: stop, waiting: waiting)
  }

  /// For a CSV file; pages show a change within a second.
  package convenience init(
    csv file: String, resource: Resource, chart: ChartLibrary, host: String, port: Int, options: HTTPServer.Options = .init()
  ) throws {
    try self.init({ CSVSource(file, resource: resource) }, chart: chart, host: host, port: port, options: options)
  }

  /// For a SQLite file made by `netflix etl`; pages show a change within a second.
  package convenience init(
    sqlite file: String, resource: Resource, chart: ChartLibrary, host: String, port: Int, options: HTTPServer.Options = .init()
  ) throws {
    try self.init({ try SQLiteSource(file, resource: resource) }, chart: chart, host: host, port: port, options: options)
  }

  /// Number of rows shown now.
  package var rows: Int { live.dataset.rows.provenance.rows }
  /// The location of the rows: a file, or a database and table.
  package var place: String { live.dataset.store.place }

  /// A note for the user about how changes are detected; otherwise nil.
  package var notice: String? { live.notice }

  /// `http://host:port`.
  package var url: String { server.url }
  /// The port it listens on, never 0.
  package var port: Int { server.port }

  /// Waits for active requests and ends open event streams. Idempotent.
  package func close() {
    server.close()
    live.close()
    forecasts.close()
  }
}

/// Counts requests and their duration, by route and status.
struct RequestMetrics: Sendable {
  private let requests: CounterFamily
  private let seconds: HistogramFamily
  private let paths: Set<String>

  /// `paths`: the paths that get a label value of their own. All others are counted as `other`, so that a client cannot fill the memory with
  /// invented paths.
  init(_ registry: MetricsRegistry, paths: [String]) {
    requests = registry.counter("http_requests_total", help: "Requests served.", labels: ["path", "status"])
    seconds = registry.histogram(
      "http_request_duration_seconds", help: "Time from a request's first line to the last byte of its response, without event streams.",
      labels: ["path"])
    self.paths = Set(paths)
  }

  var observe: HTTPServer.Observer {
    { request, status, duration in
      let path = request.map(\.path).flatMap { paths.contains($0) ? $0 : nil } ?? "other"
      requests[path, String(status)].add()
      if path != "/api/events" { seconds[path].observe(duration) }
    }
  }
}

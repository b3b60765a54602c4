import Dataset
import HTTP
import Support
import Synchronization
import Warehouse

/// The API's routes, served from the newest version of the rows.
struct DashboardAPI: Sendable {
  let live: DataRefresher
  let forecasts: ForecastService
  private let cache = ResponseCache()

  /// The OpenAPI 3.1 description of these routes, /metrics and /healthz.
  private static let description = CachedBody(PackageResources.openapi_json)

  init(live: DataRefresher, forecasts: ForecastService) {
    self.live = live
    self.forecasts = forecasts
  }

  func add(to router: inout HTTPRouter) {
    router.get("/api/dataset") { request throws(ProblemDetails) in
      _ = try Parameters(request, allowed: [])
      return try answer(request, "dataset") { dataset in CachedBody(DatasetResponse.make(dataset)) }
    }
    router.get("/api/series") { request throws(ProblemDetails) in
      let key = try Parameters(request, allowed: ["region", "metric"]).key(in: live.dataset.rows)
      return try answer(request, "series", key) { dataset in CachedBody(SeriesResponse.make(key, dataset)) }
    }
    router.get("/api/growth") { request throws(ProblemDetails) in
      let key = try Parameters(request, allowed: ["region", "metric"]).key(in: live.dataset.rows)
      return try answer(request, "growth", key) { dataset in CachedBody(GrowthResponse.make(key, dataset)) }
    }
    router.get("/api/findings") { request throws(ProblemDetails) in
      _ = try Parameters(request, allowed: [])
      return try answer(request, "findings") { dataset in CachedBody(FindingsResponse.make(dataset)) }
    }
    router.get("/api/forecast") { request throws(ProblemDetails) in
      let dataset = live.dataset
      return try forecasts.response(to: request, try ForecastRequest(request, rows: dataset.rows), dataset: dataset)
    }
    router.get("/api/openapi.json") { request throws(ProblemDetails) in
      _ = try Parameters(request, allowed: [])
      return Self.description.response(to: request)
    }
    router.get("/api/series.csv", csv)
    router.get("/api/events") { request throws(ProblemDetails) in
      _ = try Parameters(request, allowed: [])
      return .events(try live.hub.open(with: live.event))
    }
  }

  /// Both parameters are optional; without one, all regions or metrics are returned.
  private func csv(_ request: HTTPRequest) throws(ProblemDetails) -> HTTPResponse {
    let dataset = live.dataset
    let parameters = try Parameters(request, allowed: ["region", "metric"])
    let region = try parameters.optional("region", among: dataset.rows.regions.map(\.name))
    let metric = try parameters.optional("metric", among: dataset.rows.metrics.map(\.name))
    let name = ["csv", region ?? "*", metric ?? "*"].joined(separator: "\u{0}")
    return try answer(request, name) { dataset in
      let keys = dataset.keys.filter { (region ?? $0.region) == $0.region && (metric ?? $0.metric) == $0.metric }
      // Letters, digits and `_` only: an identifier may be any text, but a file name and a header field may not.
      let file = [region, metric].compactMap(\.self).map { $0.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") } }
      let name = (["series"] + file).joined(separator: "-")
      return CachedBody(
        SeriesCSV.make(keys, dataset), type: "text/csv; charset=utf-8; header=present",
        headers: ["Content-Disposition": "attachment; filename=\"\(name).csv\""])
    }
  }

  private func answer(
    _ request: HTTPRequest, _ name: String, _ key: SeriesKey? = nil, make: (DatasetVersion) throws(ProblemDetails) -> CachedBody
  ) throws(ProblemDetails) -> HTTPResponse {
    let dataset = live.dataset
    let full = [name, key?.region ?? "", key?.metric ?? ""].joined(separator: "\u{0}")
    return try cache.body(full, version: dataset.version) { () throws(ProblemDetails) in try make(dataset) }.response(to: request)
  }
}

/// The bytes of a response with their ETag, made once and sent many times.
struct CachedBody: Sendable {
  let bytes: [UInt8]
  let type: String
  let tag: ETag
  var headers: HTTPHeaders

  init(_ bytes: [UInt8], type: String = "application/json", headers: HTTPHeaders = HTTPHeaders()) {
    self.bytes = bytes
    self.type = type
    self.headers = headers
    tag = ETag(of: bytes)
  }

  init(_ json: JSON) {
    self.init(Array((json.line + "\n").utf8))
  }

  func response(to request: HTTPRequest) -> HTTPResponse {
    var response = HTTPResponse(type: type, bytes)
    for field in headers.fields { response.headers.add(field.name, field.value) }
    return response.tagged(for: request, tag: tag)
  }
}

/// Caches the responses for one version of the rows; a new version empties it. Beyond `limit` entries, responses are made but not kept.
final class ResponseCache: Sendable {
  private struct State {
    var version = ""
    var bodies: [String: CachedBody] = [:]
  }

  private let state = Mutex(State())
  private let limit: Int

  init(limit: Int = 1_000) {
    self.limit = limit
  }

  /// `name` identifies the request in canonical form: the parsed parameters, not their spelling.
  func body(_ name: String, version: String, make: () throws(ProblemDetails) -> CachedBody) throws(ProblemDetails) -> CachedBody {
    let known = state.withLock { state in
      if state.version != version { state = State(version: version) }
      return state.bodies[name]
    }
    if let known { return known }
    // Made outside the lock: two threads may both make it, with the same result.
    let body = try make()
    state.withLock { state in
      if state.version == version, state.bodies.count < limit { state.bodies[name] = body }
    }
    return body
  }
}

/// The response of /api/dataset: the regions, metrics and dates, and the source of the rows.
enum DatasetResponse {
  static func make(_ dataset: DatasetVersion) -> JSON {
    let rows = dataset.rows
    return .object([
      ("title", .string(rows.title ?? rows.dataset)), ("version", .string(dataset.version)), ("period", .string(rows.period.rawValue)),
      ("periods_per_year", .integer(rows.period.perYear)),
      ("dates", .array(rows.dates.map { .object([("date", .string($0.iso)), ("label", .string($0.label(rows.period)))]) })),
      (
        "regions",
        .array(rows.regions.map { .object([("id", .string($0.name)), ("title", .string($0.title)), ("total", .bool($0.isTotal))]) })
      ),
      (
        "metrics",
        .array(
          rows.metrics.map {
            .object([
              ("id", .string($0.name)), ("title", .string($0.title)), ("unit", .text($0.unit)),
              ("decimals", $0.decimals.map { .integer($0) } ?? .null),
            ])
          })
      ),
      ("series", .array(dataset.keys.map { .object([("region", .string($0.region)), ("metric", .string($0.metric))]) })),
      (
        "origin",
        .object([
          ("store", .string(dataset.store.kind.rawValue)), ("store_place", .string(dataset.store.place)),
          ("source", .string(rows.provenance.kind.rawValue)), ("source_place", .string(rows.provenance.location)),
          ("rows", .integer(rows.provenance.rows)),
          ("changed", .text(rows.provenance.time)), ("read", .string(dataset.read)),
        ])
      ),
    ])
  }
}

/// The response of /api/findings: the report of `netflix check --json`, with a headline per finding. As there, the source decides which rules
/// apply.
enum FindingsResponse {
  static func make(_ dataset: DatasetVersion) -> JSON {
    .object([
      ("rules", .array(dataset.quality.rules.map(\.json))), ("skipped", .array(dataset.quality.skipped.map(\.json))),
      (
        "findings",
        .array(
          dataset.quality.findings.map { finding in
            guard case .object(let members) = finding.json else { return finding.json }
            return .object([("headline", .string(finding.headline))] + members)
          })
      ),
    ])
  }
}

/// The response of /api/growth: the changes of `netflix analyze` at each date, as fractions (0.1 is 10 %).
enum GrowthResponse {
  static func make(_ key: SeriesKey, _ dataset: DatasetVersion) -> JSON {
    let period = dataset.rows.period
    let growth = dataset.analysis.growth.first { $0.region == key.region && $0.metric == key.metric }
    let series = dataset.series(key)
    let rows = (series?.points ?? []).enumerated().map { index, point in
      JSON.object([
        ("date", .string(point.date.iso)), ("label", .string(point.date.label(period))), ("value", .amount(point.value)),
        ("previous", .rounded(series?.change(at: index, periods: 1), places: 6)),
        ("year_before", .rounded(series?.change(at: index, periods: period.perYear), places: 6)),
      ])
    }
    return .object([
      ("region", .string(key.region)), ("metric", .string(key.metric)), ("annual", .rounded(growth?.cagr, places: 6)),
      ("annual_from", .text(growth?.cagrFrom?.label(period))), ("rows", .array(rows)),
    ])
  }
}

/// The response of /api/series: one value per date, and whether a finding is about it.
enum SeriesResponse {
  static func make(_ key: SeriesKey, _ dataset: DatasetVersion) -> JSON {
    let flagged = dataset.flagged(key)
    let period = dataset.rows.period
    let points = dataset.series(key)?.points ?? []
    return .object([
      ("region", .string(key.region)), ("metric", .string(key.metric)),
      (
        "points",
        .array(
          points.map { point in
            .object([
              ("date", .string(point.date.iso)), ("label", .string(point.date.label(period))), ("value", .amount(point.value)),
              ("flagged", .bool(flagged.contains(point.date))),
            ])
          })
      ),
    ])
  }
}

/// Series as CSV (RFC 4180), one row per value, with the digits of the source. A missing value has no row.
enum SeriesCSV {
  static func make(_ keys: [SeriesKey], _ dataset: DatasetVersion) -> [UInt8] {
    var out = "date,region,metric,unit,value\r\n"
    for key in keys {
      guard let series = dataset.series(key) else { continue }
      let names = [key.region, key.metric, series.metric.unit ?? ""].map(field).joined(separator: ",")
      for point in series.points {
        guard let value = point.value else { continue }
        out += "\(point.date.iso),\(names),\(value.text)\r\n"
      }
    }
    return Array(out.utf8)
  }

  /// Text that a spreadsheet would read as a formula gets a leading apostrophe.
  static func field(_ text: String) -> String {
    let safe = text.safeCell
    guard safe.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return safe }
    return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}

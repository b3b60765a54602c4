import HTTP

/// The API's routes, served from the newest version of the rows.
struct DashboardAPI: Sendable {
  let live: DataRefresher
  let desk: ForecastService
  private let cache = ResponseCache()

  init(live: DataRefresher, desk: ForecastService) {
    self.live = live
    self.desk = desk
  }

  func add(to router: inout HTTPRouter) {
    router.get("/api/dataset") { request throws(ProblemDetails) in
      _ = try Parameters(request, allowed: [])
      return try answer(request, "dataset") { edition in CachedBody(DatasetResponse.make(edition)) }
    }
    router.get("/api/series") { request throws(ProblemDetails) in
      let key = try Parameters(request, allowed: ["region", "metric"]).key(in: live.edition.rows)
      return try answer(request, "series", key) { edition in CachedBody(SeriesResponse.make(key, edition)) }
    }
    router.get("/api/growth") { request throws(ProblemDetails) in
      let key = try Parameters(request, allowed: ["region", "metric"]).key(in: live.edition.rows)
      return try answer(request, "growth", key) { edition in CachedBody(GrowthResponse.make(key, edition)) }
    }
    router.get("/api/findings") { request throws(ProblemDetails) in
      _ = try Parameters(request, allowed: [])
      return try answer(request, "findings") { edition in CachedBody(FindingsResponse.make(edition)) }
    }
    router.get("/api/forecast") { request throws(ProblemDetails) in
      let edition = live.edition
      return try desk.response(to: request, try ForecastRequest(request, rows: edition.rows), edition: edition)
    }
    router.get("/api/openapi.json") { request throws(ProblemDetails) in
      _ = try Parameters(request, allowed: [])
      return try answer(request, "openapi") { edition in CachedBody(OpenAPIDocument.make(edition)) }
    }
    router.get("/api/series.csv", csv)
    router.get("/api/events") { _ throws(ProblemDetails) in .events(try live.hub.open(with: live.event)) }
  }

  /// Both parameters are optional; without one, all regions or metrics are returned.
  private func csv(_ request: HTTPRequest) throws(ProblemDetails) -> HTTPResponse {
    let edition = live.edition
    let parameters = try Parameters(request, allowed: ["region", "metric"])
    let region = try parameters.optional("region", among: edition.rows.regions.map(\.name))
    let metric = try parameters.optional("metric", among: edition.rows.metrics.map(\.name))
    let name = ["csv", region ?? "*", metric ?? "*"].joined(separator: "\u{0}")
    return try answer(request, name) { edition in
      let keys = edition.keys.filter { (region ?? $0.region) == $0.region && (metric ?? $0.metric) == $0.metric }
      // Letters, digits and `_` only: an identifier may be any text, but a file name and a header field may not.
      let file = [region, metric].compactMap(\.self).map { $0.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") } }
      let name = (["series"] + file).joined(separator: "-")
      return CachedBody(
        SeriesCSV.make(keys, edition), type: "text/csv; charset=utf-8; header=present",
        headers: ["Content-Disposition": "attachment; filename=\"\(name).csv\""])
    }
  }

  private func answer(
    _ request: HTTPRequest, _ name: String, _ key: SeriesKey? = nil, make: (DatasetVersion) throws(ProblemDetails) -> CachedBody
  ) throws(ProblemDetails) -> HTTPResponse {
    let edition = live.edition
    let full = [name, key?.region ?? "", key?.metric ?? ""].joined(separator: "\u{0}")
    return try cache.body(full, version: edition.version) { () throws(ProblemDetails) in try make(edition) }.response(to: request)
  }
}

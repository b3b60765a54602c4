import HTTP
import Metrics

/// Counts requests and their duration, by route and status.
struct RequestMetrics: Sendable {
  private let requests: CounterFamily
  private let seconds: CounterFamily
  private let paths: Set<String>

  /// `paths`: the paths that get a label value of their own. All others are counted as `other`, so that a client cannot fill the memory with
  /// invented paths.
  init(_ registry: MetricsRegistry, paths: [String]) {
    requests = registry.counter("http_requests_total", help: "Requests served.", labels: ["path", "status"])
    seconds = registry.counter(
      "http_request_seconds_total", help: "Time from a request's first line to the last byte of its response, without event streams.",
      labels: ["path"])
    self.paths = Set(paths)
  }

  var observe: HTTPServer.Observer {
    { request, status, duration in
      let path = request.map(\.path).flatMap { paths.contains($0) ? $0 : nil } ?? "other"
      requests[path, String(status)].add()
      if path != "/api/events" { seconds[path].add(duration) }
    }
  }
}

import HTTP
import Metrics

/// Counts the requests, by route and status.
struct RequestMetrics: Sendable {
  private let requests: CounterFamily
  private let seconds: CounterFamily
  private let paths: Set<String>

  /// `paths`: those that are counted by name. Any other is counted as one, lest a client fill the memory with names of its own.
  init(_ registry: MetricsRegistry, paths: [String]) {
    requests = registry.counter("http_requests_total", help: "Requests answered.", labels: ["path", "status"])
    seconds = registry.counter(
      "http_request_seconds_total", help: "Time from a request's first line to its answer's last byte, streams excepted.", labels: ["path"])
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

import HTTP

extension HTTPRouter {
  /// Adds `/metrics` for Prometheus and `/healthz` for health checks.
  ///
  /// `health` returns nil if the program is healthy (200), else the problem (503). It is called on a server thread and must not block.
  public mutating func addMetrics(of registry: MetricsRegistry, health: @escaping @Sendable () -> String? = { nil }) {
    get("/metrics") { _ in
      var response = HTTPResponse.text(registry.text(), type: "text/plain; version=0.0.4; charset=utf-8")
      response.headers["Cache-Control"] = "no-store"
      return response
    }
    get("/healthz") { _ throws(ProblemDetails) in
      if let trouble = health() { throw ProblemDetails(status: 503, detail: trouble) }
      var response = HTTPResponse.text("ok\n")
      response.headers["Cache-Control"] = "no-store"
      return response
    }
  }
}

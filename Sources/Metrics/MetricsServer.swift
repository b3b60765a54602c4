import HTTP

/// A small server inside another program, with `/metrics` and `/healthz` only.
package final class MetricsServer: Sendable {
  private let server: HTTPServer

  /// Starts the server. `host` 127.0.0.1 can be reached from this machine only, 0.0.0.0 from all networks, as in a container; with `port` 0 the
  /// system chooses one. Throws if the address cannot be used.
  package init(
    registry: MetricsRegistry, host: String = "127.0.0.1", port: Int, health: @escaping @Sendable () -> String? = { nil }
  ) throws(HTTPError) {
    var router = HTTPRouter()
    router.addMetrics(of: registry, health: health)
    var options = HTTPServer.Options()
    options.threads = 2
    server = try HTTPServer(host: host, port: port, options: options, router: router)
  }

  /// The port it listens on, never 0.
  package var port: Int { server.port }

  /// The address of `/metrics`.
  package var url: String { server.url + "/metrics" }

  /// Stops the server. Idempotent.
  package func close() { server.close() }
}

extension HTTPRouter {
  /// Adds `/metrics` for Prometheus and `/healthz` for health checks.
  ///
  /// `health` returns nil if the program is healthy (200), else the problem (503). It is called on a server thread and must not block.
  package mutating func addMetrics(of registry: MetricsRegistry, health: @escaping @Sendable () -> String? = { nil }) {
    get("/metrics") { _ in
      var response = HTTPResponse.text(registry.text(), type: "text/plain; version=0.0.4; charset=utf-8")
      response.headers["Cache-Control"] = "no-store"
      return response
    }
    get("/healthz") { _ throws(ProblemDetails) in
      if let failure = health() { throw ProblemDetails(status: 503, detail: failure) }
      var response = HTTPResponse.text("ok\n")
      response.headers["Cache-Control"] = "no-store"
      return response
    }
  }
}

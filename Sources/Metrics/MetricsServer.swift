import HTTP

/// A small server beside a program's own work, with `/metrics` and `/healthz` and nothing else.
public final class MetricsServer: Sendable {
  private let server: HTTPServer

  /// `host` 127.0.0.1 is seen by this machine only (0.0.0.0: from everywhere, as in a container); `port` 0 asks the system for one.
  public init(
    registry: MetricsRegistry, host: String = "127.0.0.1", port: Int, health: @escaping @Sendable () -> String? = { nil }
  ) throws(HTTPError) {
    var router = HTTPRouter()
    router.addMetrics(of: registry, health: health)
    var options = HTTPServer.Options()
    options.threads = 2
    options.connections = 32
    server = try HTTPServer(host: host, port: port, options: options, router: router)
  }

  public var port: Int { server.port }

  public var url: String { server.url + "/metrics" }

  /// May be called again.
  public func close() { server.close() }
}

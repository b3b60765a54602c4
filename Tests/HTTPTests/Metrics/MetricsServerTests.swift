import Metrics
import Synchronization
import TestSupport
import Testing

@Suite struct MetricsServerTests {
  @Test func `serves metrics and health only`() throws {
    let registry = MetricsRegistry()
    registry.addProcessMetrics()
    registry.counter("rows_total", help: "Rows landed.").add(21)
    let trouble = Mutex<String?>(nil)
    let server = try MetricsServer(registry: registry, port: 0) { trouble.withLock { $0 } }
    defer { server.close() }
    let metrics = try httpGet("/metrics", port: server.port)
    #expect(metrics["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
    #expect(metrics.text.contains("\nrows_total 21\n"))
    #expect(metrics.text.contains("# TYPE process_cpu_seconds_total counter\n"))
    #expect(try httpGet("/healthz", port: server.port).text == "ok\n")
    trouble.withLock { $0 = "the database is away" }
    let sick = try httpGet("/healthz", port: server.port)
    #expect(sick.status == 503)
    #expect(sick.text.contains("the database is away"))
    #expect(try httpGet("/", port: server.port).status == 404)
  }

  @Test func `close frees the port and is idempotent`() throws {
    let server = try MetricsServer(registry: MetricsRegistry(), port: 0)
    server.close()
    server.close()
    let error = #expect(throws: RawHTTPClient.Failure.self) { try RawHTTPClient(port: server.port) }
    #expect(error?.message == "connect: Connection refused")
  }
}

import Metrics
import Synchronization
import TestSupport
import Testing

@Suite struct MetricsServerTests {
  @Test func `serves metrics and health only`() throws {
    let registry = MetricsRegistry()
    registry.addProcessMetrics()
    registry.counter("rows_total", help: "Rows landed.").add(21)
    let failure = Mutex<String?>(nil)
    let server = try MetricsServer(registry: registry, port: 0) { failure.withLock { $0 } }
    defer { server.close() }
    let metrics = try httpGet("/metrics", port: server.port)
    #expect(metrics["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
    let values = try PrometheusText(metrics.text)
    #expect(values.value("rows_total") == 21)
    #expect(values.families["process_cpu_seconds_total"]?.kind == "counter")
    #expect(try httpGet("/healthz", port: server.port).text == "ok\n")
    failure.withLock { $0 = "the database is away" }
    let sick = try httpGet("/healthz", port: server.port)
    #expect(sick.status == 503)
    #expect(sick.text.contains("the database is away"))
    #expect(try httpGet("/", port: server.port).status == 404)
  }

  @Test func `connections that send nothing do not delay a request, and none is closed for it`() throws {
    let server = try MetricsServer(registry: MetricsRegistry(), port: 0)
    defer { server.close() }
    let silent = try (0..<300).map { _ in try RawHTTPClient(port: server.port) }
    for _ in 0..<10 { #expect(try httpGet("/healthz", port: server.port).text == "ok\n") }
    #expect(silent.count(where: \.isClosed) == 0)
  }

  @Test func `close frees the port and is idempotent`() throws {
    let server = try MetricsServer(registry: MetricsRegistry(), port: 0)
    server.close()
    server.close()
    let refused = #expect(throws: RawHTTPClient.Failure.self) { try RawHTTPClient(port: server.port) }
    #expect(refused?.message == "connect: Connection refused")
  }
}

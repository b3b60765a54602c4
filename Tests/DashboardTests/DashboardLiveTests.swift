import HTTP
import TestSupport
import Testing

@testable import Dashboard

@Suite struct DashboardLiveTests {
  let rows: FixtureRows
  let server: DashboardServer

  init() throws {
    let rows = try FixtureRows()
    self.rows = rows
    server = try DashboardServer(rows)
  }

  private func stream() throws -> RawHTTPClient {
    let client = try RawHTTPClient(port: server.port)
    client.send("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return client
  }

  @Test func `new rows are sent to open pages and served by the API`() throws {
    let client = try stream()
    let first = try client.read(through: "\n\n")
    #expect(first.contains("Content-Type: text/event-stream"))
    #expect(first.contains("event: rows\ndata: {\"version\":"))
    let before = try httpGet("/api/dataset", port: server.port)
    try rows.land(StarFixture.csv + "2024-02-29,210.00,105.00,105.00,1045\n")
    let news = try client.read(through: "\n\n")
    #expect(news.contains("event: rows\n"))
    let after = try httpGet("/api/dataset", port: server.port)
    #expect(before.text != after.text)
    #expect(before["ETag"] != after["ETag"])
    #expect(try httpGet("/api/series?region=All&metric=sales", port: server.port).text.contains(#""label":"2024-02","value":210.00"#))
    #expect(try httpGet("/api/forecast?region=All&metric=sales&order=0,1,0", port: server.port).text.contains(#""labels":["2024-03","#))
  }

  @Test func `fifty open pages all receive new rows and do not block requests`() throws {
    let pages = try (0..<50).map { _ in try stream() }
    for page in pages { _ = try page.read(through: "\n\n") }
    for _ in 0..<20 { #expect(try httpGet("/api/series?region=All&metric=sales", port: server.port).status == 200) }
    func metrics() throws -> PrometheusText { try PrometheusText(try httpGet("/metrics", port: server.port).text) }
    #expect(try metrics().value("dashboard_sse_connections") == 50)
    try rows.land(StarFixture.csv + "2024-02-29,210.00,105.00,105.00,1045\n")
    let news = try pages.map { try $0.read(through: "\n\n") }
    #expect(Set(news).count == 1)
    #expect(news[0].contains("-2\""))
    #expect(try httpGet("/api/series?region=All&metric=sales", port: server.port).text.contains(#""value":210.00"#))
    #expect(try metrics().value("dashboard_data_reloads_total") == 1)
  }

  @Test func `unchanged rows cause no new version`() throws {
    let before = try httpGet("/api/dataset", port: server.port).text
    try rows.land(StarFixture.csv)
    while try rows.hasNews() {}
    #expect(try httpGet("/api/dataset", port: server.port).text == before)
  }

  @Test func `while the rows cannot be read the old ones are shown and the error is reported`() throws {
    let client = try stream()
    _ = try client.read(through: "\n\n")
    rows.fail("the database is away")
    #expect(try client.read(through: "\n\n").contains(#""error":"the database is away""#))
    let health = try httpGet("/healthz", port: server.port)
    #expect(health.status == 503)
    #expect(health.text.contains("the database is away"))
    #expect(try httpGet("/api/series?region=All&metric=sales", port: server.port).status == 200)
    rows.fail(nil)
    #expect(try client.read(through: "\n\n").contains(#""error":null"#))
    #expect(try httpGet("/healthz", port: server.port).text == "ok\n")
  }

  @Test func `a dashboard whose rows cannot be read does not start`() throws {
    rows.fail("no such table")
    let rows = rows
    let failure = #expect(throws: FixtureRows.Failure.self) { try DashboardServer(rows) }
    #expect(failure?.description == "no such table")
  }

  @Test func `close ends the streams and is idempotent`() throws {
    let client = try stream()
    _ = try client.read(through: "\n\n")
    server.close()
    server.close()
    _ = try client.readAll()
  }

  @Test func `a dashboard without rows serves empty results`() throws {
    try rows.land("month,all,north,south,trees\n")
    let empty = try stream()
    var text = try empty.read(through: "\n\n")
    while !text.contains("-2\"") { text = try empty.read(through: "\n\n") }
    #expect(try httpGet("/api/dataset", port: server.port).text.contains(#""dates":[]"#))
    #expect(try httpGet("/api/forecast?region=All&metric=sales", port: server.port).status == 404)
    #expect(try httpGet("/api/growth?region=All&metric=sales", port: server.port).text.contains(#""rows":[]"#))
  }
}

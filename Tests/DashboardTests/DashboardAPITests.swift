import HTTP
import TestSupport
import Testing

@testable import Dashboard

@Suite struct DashboardAPITests {
  let port: Int
  private let server: DashboardServer

  init() throws {
    let rows = try FixtureRows()
    server = try DashboardServer(rows)
    port = server.port
  }

  @Test func `a series has the digits of its source, null for gaps, and flags`() throws {
    let south = try httpGet("/api/series?region=s,%26%22outh&metric=sales", port: port)
    #expect(south["Content-Type"] == "application/json")
    #expect(
      south.text.hasPrefix(
        #"{"region":"s,&\"outh","metric":"sales","points":[{"date":"2023-01-31","label":"2023-01","value":50.25,"flagged":"#))
    #expect(south.text.contains(#"{"date":"2023-02-28","label":"2023-02","value":null,"flagged":"#))
    let all = try httpGet("/api/series?region=All&metric=sales", port: port)
    #expect(all.text.contains(#""value":110.00"#))
  }

  @Test func `growth is a fraction of the previous month and of the previous year`() throws {
    let growth = try httpGet("/api/growth?region=All&metric=sales", port: port).text
    #expect(growth.hasPrefix(#"{"region":"All","metric":"sales","annual":1,"annual_from":"2023-01","rows":["#))
    #expect(growth.contains(#"{"date":"2023-01-31","label":"2023-01","value":100.50,"previous":null,"year_before":null}"#))
    #expect(growth.contains(#"{"date":"2023-03-31","label":"2023-03","value":121.00,"previous":0.1,"year_before":null}"#))
    #expect(growth.contains(#"{"date":"2024-01-31","label":"2024-01","value":201.00,"previous":0.057895,"year_before":1}"#))
  }

  @Test func `findings are the same as in netflix check`() throws {
    let findings = try httpGet("/api/findings", port: port).text
    #expect(findings.contains(#""rule":"adds-up""#))
    #expect(findings.contains(#""date":"2023-12-31""#))
  }

  @Test func `a forecast has its model, its intervals and the labels of its periods`() throws {
    let forecast = try httpGet("/api/forecast?region=All&metric=sales&horizon=2&order=0,1,0&drift=true", port: port)
    #expect(forecast.status == 200)
    #expect(
      forecast.text.hasPrefix(
        #"{"region":"All","metric":"sales","from":"2023-01-31","order":"(0,1,0) with drift","automatic":false,"labels":["2024-02","2024-03"],"report":{"#
      ))
    #expect(forecast.text.contains(#""date":"2024-02-29""#))
  }

  @Test func `a series with a gap gets 422 with the message of netflix forecast`() throws {
    let forecast = try httpGet("/api/forecast?region=s,%26%22outh&metric=sales&order=0,1,0", port: port)
    #expect(forecast.status == 422)
    #expect(
      forecast.text.hasSuffix(
        #""detail":"s,&\"outh_sales has no value at 2023-02-28. A forecast needs every month; 'netflix check' lists the gaps."}"# + "\n"))
  }

  @Test func `the event stream disables nginx's buffering`() throws {
    let client = try RawHTTPClient(port: port)
    client.send("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    let header = try client.read(through: "\r\n\r\n")
    #expect(header.contains("\r\nX-Accel-Buffering: no\r\n"))
    #expect(try client.read(through: "\n\n").contains("event: rows\n"))
  }

  @Test func `a series without a fitting model gets 404 or 422`() throws {
    let none = try httpGet("/api/forecast?region=north&metric=trees", port: port)
    let seasonal = try httpGet("/api/forecast?region=All&metric=sales&order=3,2,3&seasonal=1,1,1", port: port)
    #expect(none.status == 404)
    #expect(seasonal.status == 422)
    #expect(seasonal["Content-Type"] == "application/problem+json")
  }

  @Test func `concurrent requests for the same forecast share one result`() throws {
    let clients = try (0..<40).map { _ in try RawHTTPClient(port: port) }
    for client in clients { client.send("GET /api/forecast?region=All&metric=trees&order=0,1,1 HTTP/1.1\r\nHost: localhost\r\n\r\n") }
    let answers = try clients.map { try $0.response() }
    #expect(answers.allSatisfy { $0.status == 200 })
    #expect(Set(answers.map(\.text)).count == 1)
  }

  @Test func `CSV has one row per value, with quoted fields where needed`() throws {
    let all = try httpGet("/api/series.csv", port: port)
    #expect(all["Content-Disposition"] == #"attachment; filename="series.csv""#)
    let lines = all.text.split(separator: "\r\n")
    #expect(lines.first == "date,region,metric,unit,value")
    #expect(lines.count == 1 + 13 + 13 + 12 + 13)
    #expect(lines.contains(#"2023-03-31,"s,&""outh",sales,EUR,60.00"#))
    let one = try httpGet("/api/series.csv?region=All&metric=trees", port: port)
    #expect(one["Content-Disposition"] == #"attachment; filename="series-All-trees.csv""#)
    #expect(one.text.hasSuffix("2024-01-31,All,trees,,1044\r\n"))
  }

  static let wrong = [
    "/api/series", "/api/series?region=All", "/api/series?metric=sales", "/api/series?region=all&metric=sales",
    "/api/series?region=All&metric=x",
    "/api/series?region=All&metric=sales&metric=sales", "/api/series?region=All&metric=sales&colour=red", "/api/series?region=&metric=",
    "/api/growth?region=All'--&metric=sales", "/api/dataset?x", "/api/findings?region=All", "/api/series.csv?region=Nowhere",
    "/api/forecast?region=All&metric=sales&horizon=0", "/api/forecast?region=All&metric=sales&horizon=25",
    "/api/forecast?region=All&metric=sales&horizon=99999999999999999999", "/api/forecast?region=All&metric=sales&horizon=-1",
    "/api/forecast?region=All&metric=sales&horizon=1e1", "/api/forecast?region=All&metric=sales&horizon=%D9%A3",
    "/api/forecast?region=All&metric=sales&order=1,1", "/api/forecast?region=All&metric=sales&order=4,1,1",
    "/api/forecast?region=All&metric=sales&order=1,3,1", "/api/forecast?region=All&metric=sales&order=a,b,c",
    "/api/forecast?region=All&metric=sales&order=", "/api/forecast?region=All&metric=sales&drift=true",
    "/api/forecast?region=All&metric=sales&seasonal=0,1,1", "/api/forecast?region=All&metric=sales&order=0,0,0&drift=true",
    "/api/forecast?region=All&metric=sales&order=0,1,0&drift=yes", "/api/series?region=%00&metric=sales",
    "/api/series?region=%ff&metric=sales",
  ]

  @Test(arguments: wrong)
  func `an invalid parameter gets 400 as problem JSON`(target: String) throws {
    let response = try httpGet(target, port: port)
    #expect(response.status == 400)
    #expect(response["Content-Type"] == "application/problem+json")
    #expect(response.text.contains(#""status":400"#))
  }

  @Test func `an unchanged response is 304`() throws {
    for target in [
      "/", "/page.js", "/chart.js", "/api/dataset", "/api/series?region=All&metric=sales", "/api/openapi.json", "/api/series.csv",
    ] {
      let first = try httpGet(target, port: port)
      let tag = try #require(first["ETag"], "\(target)")
      #expect(try httpGet(target, port: port, headers: ["If-None-Match: \(tag)"]).status == 304, "\(target)")
    }
  }

  @Test func `metrics count requests by path and group unknown paths`() throws {
    _ = try httpGet("/api/dataset", port: port)
    _ = try httpGet("/api/nothing/1", port: port)
    _ = try httpGet("/api/nothing/2", port: port)
    _ = try httpGet("/api/series?region=x", port: port)
    let labels = #"path="/api/series",status="400""#
    var metrics = try PrometheusText(try httpGet("/metrics", port: port).text)
    // The observer is called after the client has the response.
    while metrics.value("http_requests_total", labels) != 1 { metrics = try PrometheusText(try httpGet("/metrics", port: port).text) }
    #expect(metrics.value("http_requests_total", #"path="/api/dataset",status="200""#) == 1)
    #expect(metrics.value("http_requests_total", #"path="other",status="404""#) == 2)
    #expect(metrics.value("http_request_duration_seconds_count", #"path="other""#) == 2)
    #expect(metrics.value("http_request_duration_seconds_bucket", #"path="/api/series",le="+Inf""#) == 1)
    #expect(metrics.value("dashboard_sse_connections") == 0)
    #expect(metrics.value("dashboard_data_reloads_total") == 0)
  }
}

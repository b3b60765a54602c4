import Foundation
import HTTP
import TestSupport
import Testing

@testable import Dashboard

@Suite struct DashboardPageTests {
  let server: DashboardServer

  init() throws {
    let rows = try FixtureRows()
    server = try DashboardServer(rows)
  }

  @Test func `the page's files have their content types and refer only to existing files`() throws {
    let types = [
      "/": "text/html; charset=utf-8", "/api": "text/html; charset=utf-8", "/page.css": "text/css; charset=utf-8",
      "/page.js": "text/javascript; charset=utf-8", "/icon.svg": "image/svg+xml", "/chart.js": "text/javascript; charset=utf-8",
    ]
    for (path, type) in types { #expect(try httpGet(path, port: server.port)["Content-Type"] == type, "\(path)") }
    for page in ["/", "/api"] {
      let html = try httpGet(page, port: server.port).text
      for match in html.matches(of: /(?:src|href)="([^"#?]+)"/) {
        #expect(try httpGet("/" + String(match.1).trimmingPrefix("."), port: server.port).status == 200, "\(match.1)")
      }
    }
  }

  @Test func `nothing is inline or from another origin, as the policy requires`() throws {
    for (path, body) in PageAsset.all where path != "/icon.svg" {
      let text = String(decoding: body.bytes, as: UTF8.self)
      #expect(!text.contains("//cdn") && !text.contains("https://") && !text.contains("http://"), "\(path)")
      #expect(text.firstMatch(of: /<script>|<style|\sstyle=|\son[a-z]+="/) == nil, "\(path)")
    }
  }

  @Test func `the OpenAPI 3.1 description contains every route`() throws {
    let response = try httpGet("/api/openapi.json", port: server.port)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any])
    #expect(object["openapi"] as? String == "3.1.0")
    let paths = try #require(object["paths"] as? [String: Any])
    #expect(
      paths.keys.sorted() == [
        "/api/dataset", "/api/events", "/api/findings", "/api/forecast", "/api/growth", "/api/openapi.json", "/api/series",
        "/api/series.csv",
      ])
    #expect(response.text.contains(#""enum":["All","north","s,&\"outh"]"#))
  }

  @Test func `a file that is not Chart.js is an error`() throws {
    let error = #expect(throws: ChartLibrary.Missing.self) { try ChartLibrary(path: "/nowhere/chart.min.js") }
    #expect(error?.message == "/nowhere/chart.min.js is not Chart.js")
    let other = #expect(throws: ChartLibrary.Missing.self) { try ChartLibrary(path: "/etc/hostname") }
    #expect(other?.message == "/etc/hostname is not Chart.js")
  }
}

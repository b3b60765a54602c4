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

  @Test func `a file that is not Chart.js is an error, and the file of the advice is Chart.js 3`() throws {
    for path in ["/nowhere/chart.min.js", "/etc/hostname", "/etc"] {
      let error = #expect(throws: ChartLibrary.Missing.self) { try ChartLibrary(path: path) }
      #expect(error?.message == "\(path) is not Chart.js")
      #expect(error?.hint == "Give the path of chart.min.js, version 3.")
    }
    let library = try ChartLibrary(path: ChartLibrary.place)
    #expect(String(decoding: library.bytes.prefix(200), as: UTF8.self).contains("Chart.js v3."))
    #expect(try ChartLibrary().bytes == library.bytes)
  }

  @Test func `a missing Chart.js is an error, and the package of the advice contains it`() throws {
    let error = #expect(throws: ChartLibrary.Missing.self) { try ChartLibrary(path: nil, else: "/nowhere/a.js") }
    #expect(error?.message == "Chart.js is not installed: no /nowhere/a.js")
    let package = try #require(error?.hint.wholeMatch(of: /apt-get install (\S+)/)).1
    let files = try String(contentsOfFile: "/var/lib/dpkg/info/\(package).list", encoding: .utf8).split(separator: "\n").map(String.init)
    #expect(files.contains(ChartLibrary.place))
  }
}

import Foundation
import HTTP

/// The files of the page. They are compiled into the program, so that it can be copied as a single file.
enum PageAsset {
  static let html = "text/html; charset=utf-8"
  static let css = "text/css; charset=utf-8"
  static let javascript = "text/javascript; charset=utf-8"
  static let svg = "image/svg+xml"

  static let all: [(path: String, body: CachedBody)] = [
    ("/", CachedBody(PackageResources.index_html, type: html)),
    ("/page.css", CachedBody(PackageResources.page_css, type: css)),
    ("/page.js", CachedBody(PackageResources.page_js, type: javascript)),
    ("/format.js", CachedBody(PackageResources.format_js, type: javascript)),
    ("/charts.js", CachedBody(PackageResources.charts_js, type: javascript)),
    ("/icon.svg", CachedBody(PackageResources.icon_svg, type: svg)),
    ("/api", CachedBody(PackageResources.api_html, type: html)),
    ("/api.js", CachedBody(PackageResources.api_js, type: javascript)),
  ]
}

/// Chart.js from the distribution's package (Debian: libjs-chart.js). The dashboard serves it, so that the page requests no other host.
package struct ChartLibrary: Sendable {
  /// Chart.js was not found, or the file is not Chart.js.
  package struct Missing: Error, Sendable, CustomStringConvertible {
    /// What failed, in one line.
    package let message: String
    /// How to fix it.
    package let hint: String
    /// The message.
    package var description: String { message }
  }

  let bytes: [UInt8]

  /// The paths in Debian's and Ubuntu's packages, the newest first.
  static let places = [
    "/usr/share/javascript/chart.js/chart.min.js", "/usr/share/javascript/chart.js/Chart.min.js",
    "/usr/share/nodejs/chart.js/dist/chart.min.js", "/usr/share/javascript/chart.js/chart.umd.js",
  ]

  /// For tests that draw no chart.
  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Reads it from `path`, or from the path of the distribution's package. Throws if the file is missing or is not Chart.js.
  package init(path: String? = nil) throws(Missing) {
    try self.init(path: path, searching: Self.places)
  }

  init(path: String?, searching places: [String]) throws(Missing) {
    for place in path.map({ [$0] }) ?? places {
      // A named pipe would be waited for.
      var status = stat()
      guard stat(place, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      guard let data = FileManager.default.contents(atPath: place), data.range(of: Data("Chart".utf8)) != nil else { continue }
      bytes = Array(data)
      return
    }
    throw Missing(
      message: path.map { "\($0) is not Chart.js" } ?? "Chart.js is not installed: no \(places[0])",
      hint: path == nil ? "apt-get install libjs-chart.js" : "Give the path of chart.min.js, version 3.")
  }
}

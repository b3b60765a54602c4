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

  /// Its path in the distribution's package, which has version 3. Versions 2 and 4 have files of other names there.
  static let place = "/usr/share/javascript/chart.js/chart.min.js"

  /// For tests that draw no chart.
  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Reads it from `path`, or from the path of the distribution's package. Throws if the file is missing or is not Chart.js.
  package init(path: String? = nil) throws(Missing) {
    try self.init(path: path, else: Self.place)
  }

  init(path: String?, else place: String) throws(Missing) {
    // A named pipe would be waited for.
    var status = stat()
    guard stat(path ?? place, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let data = FileManager.default.contents(atPath: path ?? place), data.range(of: Data("Chart".utf8)) != nil
    else {
      throw Missing(
        message: path.map { "\($0) is not Chart.js" } ?? "Chart.js is not installed: no \(place)",
        hint: path == nil ? "apt-get install libjs-chart.js" : "Give the path of chart.min.js, version 3.")
    }
    bytes = Array(data)
  }
}

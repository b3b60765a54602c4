import Foundation

/// Chart.js as the distribution has it (Debian: libjs-chart.js); it is served by us, so that no other host is asked.
public struct ChartLibrary: Sendable {
  public struct Missing: Error, Sendable, CustomStringConvertible {
    public let message: String
    public let advice: String
    public var description: String { message }
  }

  let bytes: [UInt8]

  /// Where Debian's and Ubuntu's packages put it, the newest place first.
  static let places = [
    "/usr/share/javascript/chart.js/chart.min.js", "/usr/share/javascript/chart.js/Chart.min.js",
    "/usr/share/nodejs/chart.js/dist/chart.min.js", "/usr/share/javascript/chart.js/chart.umd.js",
  ]

  /// For tests that look at no chart.
  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Reads it from `path`, or from where the distribution's package has it.
  public init(path: String? = nil) throws(Missing) {
    let places = path.map { [$0] } ?? Self.places
    for place in places {
      // A named pipe would be waited for.
      var status = stat()
      guard stat(place, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      guard let data = FileManager.default.contents(atPath: place), data.range(of: Data("Chart".utf8)) != nil else { continue }
      bytes = Array(data)
      return
    }
    throw Missing(
      message: path.map { "\($0) is not Chart.js" } ?? "Chart.js is not installed: no \(Self.places[0])",
      advice: path == nil ? "apt-get install libjs-chart.js" : "Give the path of chart.min.js, version 3.")
  }
}

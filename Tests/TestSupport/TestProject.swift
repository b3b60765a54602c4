import Glibc

/// The repository of the tests.
package enum TestProject {
  /// The folder of Package.swift.
  package static let folder: String = {
    var parts = #filePath.split(separator: "/")
    parts.removeLast(3)
    return "/" + parts.joined(separator: "/")
  }()

  /// The CSV of this repository, 21 quarters.
  package static let csv = folder + "/data/netflix_revenue_updated.csv"

  /// The build folder with the programs of this test run.
  package static let products: String = {
    // The test bundle is mapped into this process, independent of the loader.
    var path = folder + "/.build/debug/x"
    if let maps = fopen("/proc/self/maps", "r") {
      defer { fclose(maps) }
      var line = [CChar](repeating: 0, count: 4096)
      while fgets(&line, Int32(line.count), maps) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if let start = text.firstIndex(of: "/"), text.contains("PackageTests.xctest") {
          path = String(text[start...])
          break
        }
      }
    }
    return "/" + path.split(separator: "/").dropLast().joined(separator: "/")
  }()
}

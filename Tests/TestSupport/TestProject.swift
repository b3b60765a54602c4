import Glibc

/// The project that the tests belong to.
public enum TestProject {
  /// The folder of Package.swift.
  public static let folder: String = {
    var parts = #filePath.split(separator: "/")
    parts.removeLast(3)
    return "/" + parts.joined(separator: "/")
  }()

  /// The file of this repository, 21 quarters.
  public static let csv = folder + "/data/netflix_revenue_updated.csv"

  /// Where the programs that belong to this run of the tests were built.
  public static let products: String = {
    // The bundle of the tests is mapped into this process, whoever loaded it.
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

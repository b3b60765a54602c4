import Foundation
import TestSupport
import Testing

@Suite("The pictures of netflix analyze")
struct AnalyzePicturesTests {
  @Test func `are three PNG files of 1600 by 900 in outputs`() throws {
    try withTemporaryFolder { folder in
      let result = try run("netflix", ["analyze", "--csv", TestProject.csv, "--json"], directory: folder.path)
      #expect(result.status == 0)
      let names = ["revenue", "membership", "arpu"].map { "outputs/\($0)_trends.png" }
      #expect(result.errors.hasSuffix(names.map { "picture: \($0)\n" }.joined()))
      for name in names {
        let header = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)")).prefix(24)
        // Signature, length and name of the first chunk, then width and height.
        #expect(header == Data([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 6, 64, 0, 0, 3, 132]))
      }
    }
  }

  @Test func `say what they show, name each line at its end and tell their source, as SVG too`() throws {
    try withTemporaryFolder { folder in
      let result = try run(
        "netflix", ["analyze", "--csv", TestProject.csv, "--pictures", "drawn", "--picture-format", "svg", "-q"], directory: folder.path)
      #expect(result.status == 0)
      #expect(!result.errors.contains("picture: "))
      let texts: [(String, [String])] = [
        (
          "revenue",
          ["Revenue: $9.37 bn in Q1 2024, up 14.8 % in a year", "US$ billion", "Global $9.37 bn", "UCAN $4.22 bn", "LATM $1.17 bn", "2019"]
        ),
        ("membership", ["Paid memberships: 269.6 M in Q1 2024, up 16.0 % in a year", "Million memberships", "EMEA 91.7 M", "APAC 47.5 M"]),
        ("arpu", ["Average revenue per membership: $7.35 to $17.30 in Q1 2024", "US$ a month", "UCAN $17.30", "EMEA $10.92"]),
      ]
      for (name, expected) in texts {
        let drawing = try #require(folder.read("drawn/\(name)_trends.svg"))
        for text in expected { #expect(drawing.contains(">\(text)</text>"), "\(name): \(text)") }
        #expect(drawing.contains(">Source: Netflix revenue by region, Q1 2019 – Q1 2024 ("))
      }
      #expect(folder.read("drawn/arpu_trends.svg")?.contains(">Global") == false)
    }
  }

  @Test func `are left out by --no-pictures, and told where they cannot be drawn`() throws {
    try withTemporaryFolder { folder in
      let none = try run("netflix", ["analyze", "--csv", TestProject.csv, "--no-pictures"], directory: folder.path)
      #expect(none.status == 0)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
      let missing = try run(
        "netflix", ["analyze", "--csv", TestProject.csv], environment: ["PATH": "/nonexistent"], directory: folder.path)
      #expect(missing.status == 73)
      #expect(missing.output == none.output)
      #expect(missing.errors.contains("error: gnuplot, which draws the pictures, is not on the PATH\n"))
      let unwritable = try run("netflix", ["analyze", "--csv", TestProject.csv, "--pictures", "/proc/none"], directory: folder.path)
      #expect(unwritable.status == 73)
      #expect(unwritable.errors.contains("error: cannot write /proc/none/revenue_trends.png: "))
    }
  }
}

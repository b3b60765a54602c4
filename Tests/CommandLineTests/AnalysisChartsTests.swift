import Foundation
import TestSupport
import Testing

@Suite("The charts of netflix analyze")
struct AnalysisChartsTests {
  @Test func `are three PNG files of 1600 by 900 in outputs`() throws {
    try withTemporaryFolder { folder in
      let result = try run("netflix", ["analyze", "--csv", TestProject.csv, "--json"], directory: folder.path)
      #expect(result.status == 0)
      let names = ["revenue", "membership", "arpu"].map { "outputs/\($0)_trends.png" }
      #expect(result.errors.hasSuffix(names.map { "chart: \($0)\n" }.joined()))
      for name in names {
        let header = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)")).prefix(24)
        // The signature, the length and name of the first chunk, then width and height.
        #expect(header == Data([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 6, 64, 0, 0, 3, 132]))
      }
    }
  }

  @Test func `have a title, a label at each line's end and their source, also as SVG`() throws {
    try withTemporaryFolder { folder in
      let result = try run(
        "netflix", ["analyze", "--csv", TestProject.csv, "--charts", "drawn", "--chart-format", "svg", "-q"], directory: folder.path)
      #expect(result.status == 0)
      #expect(!result.errors.contains("chart: "))
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
        #expect(drawing.contains(">Quarter</text>"))
        #expect(drawing.contains(">Source: Netflix revenue by region ("))
      }
      #expect(folder.read("drawn/arpu_trends.svg")?.contains(">Global") == false)
    }
  }

  /// One quarterly series per region.
  private func write(_ regions: [(name: String, values: [Int])], into folder: TemporaryFolder) throws {
    let fields = regions.indices.map { #"{"name": "c\#($0)", "type": "integer", "unit": "USD"}"# }.joined(separator: ", ")
    let names = regions.enumerated().map { #"{"name": "\#($0.element.name)", "columns": {"profit": "c\#($0.offset)"}}"# }
    try folder.write(
      "datapackage.json",
      """
      {"name": "shop", "resources": [{"name": "shop", "path": "shop.csv", "topic": "shop", "table": "shop_raw",
        "schema": {"primaryKey": "d", "fields": [{"name": "d", "type": "date"}, \(fields)]},
        "star": {"fact": "f", "date": "d", "period": "quarter", "metrics": [{"name": "profit", "title": "Profit", "kind": "flow"}],
          "regions": [\(names.joined(separator: ", "))]}}]}
      """)
    let dates = (0..<8).map { "\(2021 + $0 / 4)-\(["03-31", "06-30", "09-30", "12-31"][$0 % 4])" }
    let rows = dates.enumerated().map { index, date in "\(date)," + regions.map { "\($0.values[index])" }.joined(separator: ",") }
    let header = "d," + regions.indices.map { "c\($0)" }.joined(separator: ",")
    try folder.write("shop.csv", ([header] + rows).joined(separator: "\n") + "\n")
  }

  @Test func `an axis without a unit says what it counts`() throws {
    try withTemporaryFolder { folder in
      try write([("All", (1...8).map { 1_000_000 * $0 })], into: folder)
      try folder.write("datapackage.json", try #require(folder.read("datapackage.json")).replacing(#", "unit": "USD""#, with: ""))
      #expect(try run("netflix", ["analyze", "shop.csv", "--chart-format", "svg", "-q"], directory: folder.path).status == 0)
      #expect(folder.read("outputs/profit_trends.svg")?.contains(">Million profit</text>") == true)
      #expect(try run("netflix", ["forecast", "shop.csv", "--output", "f.svg", "-q"], directory: folder.path).status == 0)
      #expect(folder.read("f.svg")?.contains(">Million profit</text>") == true)
    }
  }

  @Test(arguments: [(-250_000, nil), (0, nil), (100_000, "up 100.0 %"), (400_000, "down 50.0 %")])
  func `growth from a loss or from zero has no percentage in title, table and JSON`(before: Int, change: String?) throws {
    try withTemporaryFolder { folder in
      try write([("All", [1, 2, 3, before, -250_000, 5, 6, 200_000])], into: folder)
      let svg = ["analyze", "--csv", "shop.csv", "--chart-format", "svg", "-q"]
      let text = try run("netflix", svg, directory: folder.path)
      let json = try run("netflix", svg + ["--json"], directory: folder.path)
      let drawing = try #require(folder.read("outputs/profit_trends.svg"))
      #expect(drawing.contains(">Profit: $200,000 in Q4 2022\(change.map { ", \($0) in a year" } ?? "")</text>"))
      #expect(text.output.contains(/\n  All +200,000 +\+3,333,233\.3 % +[–+-]/), "\(text.output)")
      #expect(json.output.contains(#""year_on_year":null"#) == (change == nil), "\(json.output)")
    }
  }

  @Test func `show names that no installed font has in Latin letters, and name the package`() throws {
    try withTemporaryFolder { folder in
      // DejaVu only, as installed by the project.
      try folder.write(
        "fonts.conf",
        """
        <?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
        <fontconfig><dir>/usr/share/fonts/truetype/dejavu</dir><cachedir>\(folder.path)/cache</cachedir></fontconfig>
        """)
      func analyze(_ names: [String], _ charts: String, _ format: String) throws -> ProgramResult {
        try write(names.enumerated().map { index, name in (name, (1...8).map { $0 * (index + 2) }) }, into: folder)
        return try run(
          "netflix", ["analyze", "--csv", "shop.csv", "--charts", charts, "--chart-format", format],
          environment: ["FONTCONFIG_FILE": folder.path + "/fonts.conf"], directory: folder.path)
      }
      let names = ["中国", "カナ", "한국", "उत्तर", "เหนือ"]
      let result = try analyze(names, "a", "png")
      #expect(result.status == 0)
      for package in ["fonts-wqy-microhei", "fonts-lohit-deva", "fonts-tlwg-loma-ttf"] {
        #expect(result.errors.components(separatedBy: "apt-get install \(package)\n").count == 2, "\(result.errors)")
      }
      let latin = try analyze(["zhōng guó", "kana", "hangug", "uttara", "h̄enụ̄x"], "b", "png")
      #expect(latin.errors == "chart: b/profit_trends.png\n")
      // Byte-identical charts: no boxes.
      let drawn = try ["a", "b"].map { try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\($0)/profit_trends.png")) }
      #expect(drawn[0] == drawn[1])
      // The viewer of an SVG has its own fonts.
      #expect(try analyze(names, "c", "svg").errors == "chart: c/profit_trends.svg\n")
      let drawing = try #require(folder.read("c/profit_trends.svg"))
      for name in names { #expect(drawing.contains(">\(name) $"), "\(name)") }
    }
  }

  @Test func `are omitted with --no-charts, and an error if they cannot be drawn`() throws {
    try withTemporaryFolder { folder in
      let none = try run("netflix", ["analyze", "--csv", TestProject.csv, "--no-charts"], directory: folder.path)
      #expect(none.status == 0)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
      let missing = try run(
        "netflix", ["analyze", "--csv", TestProject.csv], environment: ["PATH": "/nonexistent"], directory: folder.path)
      #expect(missing.status == 73)
      #expect(missing.output == none.output)
      #expect(missing.errors.contains("error: gnuplot, which draws the charts, is not on the PATH\n"))
      let unwritable = try run("netflix", ["analyze", "--csv", TestProject.csv, "--charts", "/proc/none"], directory: folder.path)
      #expect(unwritable.status == 73)
      #expect(unwritable.errors.contains("error: /proc/none/revenue_trends.png: the folder /proc/none cannot be made: "))
    }
  }
}

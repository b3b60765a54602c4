import Postgres
import TestSupport
import Testing

/// The terminal output for data that tries to control the terminal.
@Suite("Terminal escapes, reordered text and forged lines in the data")
struct PrintedTextTests {
  /// Clears the screen, forges a line, reverses the text, and hides a part; in UTF-8 and in JSON.
  private static let evil = "x\u{1B}[2J\u{9B}31m\nforged line\u{202E}\u{200B}\u{2028}"
  private static let evilJSON = #"x\u001b[2J\u009b31m\nforged line\u202e\u200b\u2028"#

  private static let description = """
    {"name":"evil","resources":[{"name":"evil","path":"in.csv","title":"T\(evilJSON)","topic":"evil","table":"evil_raw",
    "schema":{"primaryKey":"Day","fields":[{"name":"Day","type":"date"},{"name":"Code","type":"string","constraints":{"unique":true}},
    {"name":"A","type":"integer"},{"name":"B","type":"integer"}]},
    "star":{"fact":"fact_evil","date":"day","period":"year","metrics":[{"name":"sales","title":"S\(evilJSON)","kind":"flow"}],
    "regions":[{"name":"R\(evilJSON)","total":true,"columns":{"sales":"a"}},{"name":"b","columns":{"sales":"b"}}]},
    "rules":[{"name":"adds-up\(evilJSON)","type":"sum","metric":"sales","severity":"warning"}]}]}
    """

  /// A duplicate code, a cell that is not a number, and a region that does not match the total.
  private static let csv =
    "Day,Code,A,B\n" + (2000...2011).map { "\($0)-12-31,\($0),\(100 + $0 % 7),\(100 + $0 % 7)\n" }.joined()
    + "2012-12-31,\"\(evil)\",105,104\n2013-12-31,\"\(evil)\",106,106\n"

  private static let badRow = "2014-12-31,z,\"\(evil)\",5\n"

  private func with(_ body: (TemporaryFolder) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try folder.write("datapackage.json", Self.description)
      try folder.write("in.csv", Self.csv)
      try folder.write("bad.csv", Self.csv + Self.badRow)
      try body(folder)
    }
  }

  private func expectHarmless(_ result: ProgramResult, shows: Bool = true) {
    let text = result.output + result.errors
    let harmful = text.unicodeScalars.filter { scalar in
      (scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t")
        || [0x202E, 0x200B, 0x2028].contains(scalar.value)
    }
    #expect(harmful.isEmpty, "\(harmful.map(\.value)) in \(text.debugDescription)")
    #expect(!text.split(separator: "\n").contains { $0.hasPrefix("forged") }, "\(result)")
    if shows { #expect(text.contains(Self.evilJSON), "\(result)") }
  }

  @Test func `have no effect in check, analyze, forecast, etl and describe`() throws {
    try with { (folder) throws in
      func netflix(_ arguments: String...) throws -> ProgramResult { try run("netflix", arguments, directory: folder.path) }
      let check = try netflix("check", "bad.csv", "--dataset", "datapackage.json")
      #expect(check.status == 65)
      expectHarmless(check)
      let analyze = try netflix("analyze", "--csv", "in.csv", "--no-charts")
      #expect(analyze.status == 0 && analyze.errors.contains("flagged: "))
      expectHarmless(analyze)
      let forecast = try netflix("forecast", "--csv", "in.csv", "--no-chart")
      #expect(forecast.status == 0, "\(forecast)")
      expectHarmless(forecast)
      let etl = try netflix("etl", "--csv", "bad.csv", "--dataset", "datapackage.json", "--sqlite", "out.db")
      #expect(etl.status == 65)
      expectHarmless(etl, shows: false)
      try folder.write("headers.csv", "\"a\u{1B}[2J\nforged\",\"A\u{1B}[2J\nforged\"\n1,2\n")
      expectHarmless(try netflix("describe", "headers.csv"), shows: false)
      expectHarmless(try netflix("check", "--csv", "none\(Self.evil)"))
      expectHarmless(try netflix("check", "--\(Self.evil)"))
    }
  }

  @Test func `have no effect in verify`() throws {
    try withDatabase { (url: String) throws in
      try with { (folder) throws in
        let connection = try PostgresConnection.open(url, applicationName: "tests")
        defer { connection.close() }
        try connection.execute(
          """
          CREATE TABLE evil_raw (day date PRIMARY KEY, code text, a bigint, b bigint);
          INSERT INTO evil_raw VALUES ('2012-12-31', E'y\\nforged', 105, 104)
          """)
        let verify = try run("netflix", ["verify", "in.csv", "--database", url], directory: folder.path)
        #expect(verify.status == 65)
        expectHarmless(verify)
      }
    }
  }

  @Test func `have no effect in the producer's dry run, in the JSON, which keeps its value, and in the key`() throws {
    try with { (folder) throws in
      let keyed = Self.description.replacing(#""primaryKey":"Day""#, with: #""primaryKey":"Code""#)
      try folder.write("keyed.json", keyed)
      for file in ["in.csv", "bad.csv"] {
        let dryRun = try run("netflix-producer", ["--dry-run", "--dataset", "keyed.json", file], directory: folder.path)
        expectHarmless(dryRun)
        #expect(dryRun.output.contains("\(Self.evilJSON)\t{\"day\":\"2013-12-31\",\"code\":\"\(Self.evilJSON)\",\"a\":106,\"b\":106}\n"))
      }
    }
  }

  @Test func `have no effect in the consumer's dry run and its log`() throws {
    try PipelineFixture.on { stage in
      try stage.publish([
        "{\"id\":1,\"name\":\"\(Self.evil.replacing("\n", with: "\\n").replacing("\u{1B}", with: "\\u001b"))\"}", Self.evil,
        "{\"id\":\"\(Self.evilJSON)\"}",
      ])
      let arguments = stage.arguments.filter { $0 != "--json" }
      let dryRun = try run("netflix-consumer", arguments + ["--exit-at-end", "--dry-run"])
      #expect(dryRun.status == 0, "\(dryRun)")
      expectHarmless(dryRun)
      expectHarmless(try run("netflix-consumer", arguments + ["--exit-at-end", "-v"]), shows: false)
    }
  }

  @Test func `have no effect in the demo`() throws {
    try with { (folder) throws in
      let demo = try run("netflix", ["demo", "--csv", "in.csv", "--no-dashboard"], directory: folder.path)
      #expect(demo.status == 0, "\(demo)")
      expectHarmless(demo)
    }
  }
}

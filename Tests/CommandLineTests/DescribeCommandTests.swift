import Foundation
import Postgres
import TestSupport
import Testing

@Suite("netflix describe, and CSV errors that every command reports in the same way")
struct DescribeCommandTests {
  private func describe(_ folder: TemporaryFolder, _ file: String) throws -> ProgramResult {
    try run("netflix", ["describe", file], directory: folder.path)
  }

  private func shell(_ command: String, _ folder: TemporaryFolder) throws -> ProgramResult {
    try run(
      "/bin/sh", ["-c", command], environment: ["PATH": "\(TestProject.products):/usr/local/bin:/usr/bin:/bin"], directory: folder.path)
  }

  /// Bytes that a Swift string cannot contain are created by a command.
  private static let faults: [(make: String, message: String)] = [
    ("printf 'day,amount\\n2024-01-31,2\\n' | gzip", "this is gzip, not CSV"),
    ("printf 'day,amount\\n2024-01-31,2\\n' | iconv -f utf-8 -t utf-16", "this is UTF-16"),
    ("printf 'day,amount\\n2024-01-31,2\\n' | iconv -f utf-8 -t utf-16le", "this is UTF-16LE"),
    ("printf 'day,amount\\n2024-01-31,2\\n' | bzip2", "this is bzip2, not CSV"),
    ("printf 'sep=,\\nday,amount\\n2024-01-31,2\\n'", "line 1 is Excel's sep=,, not the header"),
  ]

  private static let starred = """
    {"resources": [{"name": "r", "path": "in.csv", "schema": {"fields": [{"name": "day", "type": "date"}, {"name": "amount", "type": "integer"}]},
      "star": {"fact": "f", "date": "day", "period": "month", "metrics": [{"name": "amount", "kind": "flow"}],
        "regions": [{"name": "N", "columns": {"amount": "amount"}}]}}]}
    """

  @Test(arguments: faults.indices)
  func `a file that is not a CSV gives the same error in every command, and following the hint makes it one`(index: Int) throws {
    let (make, message) = Self.faults[index]
    try withTemporaryFolder { folder in
      try folder.write("datapackage.json", Self.starred)
      try #require(try shell("\(make) >in.csv", folder).status == 0)
      let described = try describe(folder, "in.csv")
      #expect(described.status == 65)
      #expect(described.errors.hasPrefix("error: in.csv:1:1: \(message)\n"))
      for arguments in [["check"], ["analyze"], ["forecast"], ["etl", "--to", "sqlite", "--sqlite", "rows.db"]] {
        #expect(try run("netflix", arguments + ["--csv", "in.csv"], directory: folder.path) == described, "\(arguments)")
      }
      #expect(try run("netflix-producer", ["--dry-run", "in.csv"], directory: folder.path) == described)
      let hint = try #require(described.errors.split(separator: "\n").last?.firstRange(of: ": ")).upperBound
      let command = String(described.errors.split(separator: "\n").last?[hint...] ?? "")
      try #require(try shell(command, folder) == ProgramResult(status: 0))
      #expect(try describe(folder, "in.fixed.csv").status == 0)
      #expect(
        try run("netflix-producer", ["--dry-run", "--dataset", "datapackage.json", "in.fixed.csv"], directory: folder.path).output
          == "\t{\"day\":\"2024-01-31\",\"amount\":2}\n")
    }
  }

  @Test func `Windows-1252 is detected, and the suggested conversion keeps its euro signs and quotes`() throws {
    try withTemporaryFolder { folder in
      try #require(try shell(#"printf 'price \200,city\n12,Z\374rich \223new\224\n' >in.csv"#, folder).status == 0)
      let described = try describe(folder, "in.csv")
      #expect(
        described
          == ProgramResult(
            status: 65,
            errors: """
              error: in.csv:1:7: header: a byte that is not UTF-8
                It is most likely windows-1252, as spreadsheets write it; convert it: iconv -f windows-1252 -t utf-8 in.csv >in.fixed.csv

              """))
      try #require(try shell("iconv -f windows-1252 -t utf-8 in.csv >in.fixed.csv", folder).status == 0)
      #expect(folder.read("in.fixed.csv") == "price €,city\n12,Zürich “new”\n")
      let fixed = try describe(folder, "in.fixed.csv")
      #expect(fixed.status == 0)
      #expect(fixed.output.contains("\"price €\""))
    }
  }

  @Test func `a title above the header is reported with its lines, and following the hint describes the rest`() throws {
    try withTemporaryFolder { folder in
      try folder.write("my sales.csv", "Sales report\n\nid,amount\n1,10\n2,20\n")
      let described = try describe(folder, "my sales.csv")
      #expect(
        described
          == ProgramResult(
            status: 65,
            errors: """
              error: my sales.csv:1:1: line 1 has 1 cell and line 3 has 2
                Is the header in line 3? tail -n +3 'my sales.csv' | netflix describe -

              """))
      let result = try shell("tail -n +3 'my sales.csv' | netflix describe - >datapackage.json", folder)
      #expect(result == ProgramResult(status: 0, errors: "the key is \"id\": no value is missing or repeated in 2 rows\n"))
      let published = try run("netflix-producer", ["--dry-run", "--dataset", "datapackage.json", "my sales.csv"], directory: folder.path)
      #expect(
        published
          == ProgramResult(
            status: 65,
            errors: """
              error: my sales.csv:1:1: header: the columns "id", "amount" are missing
                The header is in line 3; remove the lines above it: tail -n +3 'my sales.csv' >'my sales.fixed.csv'

              """))
      try #require(try shell("tail -n +3 'my sales.csv' >'my sales.fixed.csv'", folder).status == 0)
      #expect(
        try run("netflix-producer", ["--dry-run", "--dataset", "datapackage.json", "my sales.fixed.csv"], directory: folder.path)
          == ProgramResult(status: 0, output: "1\t{\"id\":1,\"amount\":10}\n2\t{\"id\":2,\"amount\":20}\n"))
    }
  }

  @Test func `headers in other scripts become columns in Latin letters, and the file can be published`() throws {
    try withTemporaryFolder { folder in
      try folder.write("in.csv", "Дата,売上 (円),Größe,수익\n2024-01-31,5,6,x\n2024-02-29,6,7,y\n")
      let described = try describe(folder, "in.csv")
      try folder.write("datapackage.json", described.output)
      let published = try run("netflix-producer", ["--dry-run", "in.csv"], directory: folder.path)
      #expect(published.status == 0)
      let first = try #require(published.output.split(separator: "\n").first)
      #expect(first.hasPrefix("2024-01-31\t{\"data\":\"2024-01-31\",\""))
      #expect(first.contains("\"grosse\":6,"))
      // ICU transliterates the others: each column has a distinct name in letters.
      let names = first.matches(of: #/"([a-z_0-9]+)":/#).map(\.output.1)
      #expect(names.count == 4)
      #expect(names.allSatisfy { $0.contains { $0.isLetter } && !$0.hasPrefix("_") })
    }
  }

  @Test func `an index column without a header is omitted, and the unchanged file is published`() throws {
    try withTemporaryFolder { folder in
      try folder.write("in.csv", ",id,x\n0,a,1\n1,b,2\n")
      let described = try describe(folder, "in.csv")
      #expect(described.errors.hasPrefix("column 1 has no header, as an index that pandas or R writes: it is left out\n"))
      try folder.write("datapackage.json", described.output)
      #expect(
        try run("netflix-producer", ["--dry-run", "in.csv"], directory: folder.path)
          == ProgramResult(status: 0, output: "a\t{\"id\":\"a\",\"x\":1}\nb\t{\"id\":\"b\",\"x\":2}\n"))
    }
  }

  @Test func `blank rows are skipped and counted by the dry run, check and etl; a bad row next to them is printed as rejected`() throws {
    try withTemporaryFolder { folder in
      try folder.write("in.csv", "id,x\n1,2\n,\n4,5\n,\n")
      let described = try describe(folder, "in.csv")
      #expect(
        described.errors
          == "2 blank rows of in.csv were skipped\nthe key is \"id\": no value is missing or repeated in 2 rows\n")
      try folder.write("datapackage.json", described.output)
      #expect(
        try run("netflix-producer", ["--dry-run", "in.csv"], directory: folder.path)
          == ProgramResult(
            status: 0, output: "1\t{\"id\":1,\"x\":2}\n4\t{\"id\":4,\"x\":5}\n", errors: "2 blank rows of in.csv were skipped\n"))
      let checked = try run("netflix", ["check", "--csv", "in.csv"], directory: folder.path)
      #expect(checked.status == 0)
      #expect(checked.errors == "2 blank rows of in.csv were skipped\n")
      #expect(checked.output.contains(": 2 rows of in.csv"))

      try folder.write("in.csv", "id,x\n1,2\n,\nx,5\n")
      let bad = try run("netflix-producer", ["--dry-run", "--on-bad-row", "skip", "in.csv"], directory: folder.path)
      #expect(bad.status == 65)
      #expect(
        bad.errors.hasSuffix(
          """
          1 blank row of in.csv was skipped
          error: 1 of 2 rows could not be published; the first: in.csv:4:1: id: "x" is not a whole number
            All others were printed. --rejects FILE keeps the bad ones, each with its reason.

          """))
    }
  }

  @Test func `a blank row of the CSV makes no row in the star schema, from every source`() throws {
    try WarehouseFixture.with { (fixture) throws in
      let before = [try fixture.run("etl", "--json", "--to", "sqlite"), try fixture.run("analyze", "--json")]
      let csv = try #require(fixture.folder.read("data/netflix_revenue_updated.csv"))
      let columns = csv.prefix { !$0.isNewline }.count { $0 == "," }
      let lines = csv.split(whereSeparator: \.isNewline)
      let blank = String(repeating: ",", count: columns)
      try fixture.folder.write(
        "data/netflix_revenue_updated.csv",
        (lines.prefix(5) + [Substring(blank)] + lines.dropFirst(5) + [Substring(blank)]).joined(separator: "\n"))
      let after = [try fixture.run("etl", "--json", "--to", "sqlite"), try fixture.run("analyze", "--json")]
      #expect(after.map(\.output) == before.map(\.output))
      #expect(after.allSatisfy { $0.errors.contains("2 blank rows of data/netflix_revenue_updated.csv were skipped\n") })
    }
  }

  private static let table = """
    CREATE TABLE source (id bigint, plain timestamp, zoned timestamptz, whole timestamptz, day date, clock time, flag boolean, amount numeric, note text);
    INSERT INTO source VALUES
      (1, '2019-01-31 10:00:00', '2019-01-31 10:00:00+00', '2019-01-31 10:00:00+00', '2019-01-31', '10:00', true, 1.50, 'a, "b"'),
      (2, '2019-02-01 10:30:00.25', '2019-02-01 10:30:00.123456+00', '2019-06-01 00:00:00+00', '2019-02-28', '23:59:59.5', false, -0.00000015, NULL);
    """
  private static let columns = "id, plain, zoned, whole, day, clock, flag, amount, note"

  @Test(arguments: [false, true])
  func `Postgres timestamps from netflix export and from COPY return to Postgres unchanged`(copies: Bool) throws {
    try PipelineFixture.on { stage in
      let connection = try PostgresConnection.open(stage.url, applicationName: "tests")
      defer { connection.close() }
      try connection.execute(Self.table)
      let file = stage.folder.path + "/rows.csv"
      if copies {
        // As psql's \\copy and COPY … TO write them, with true and false as t and f.
        var csv = "\(Self.columns.replacing(" ", with: ""))\n"
        try connection.forEachRow(
          """
          SELECT concat_ws(',', id, plain, zoned, whole, day, clock, left(flag::text, 1), amount, '"' || replace(note, '"', '""') || '"') FROM source
          ORDER BY id
          """
        ) { csv += ($0[0] ?? "") + "\n" }
        csv.replace("-0.00000015\n", with: "-0.00000015,\n")
        try stage.folder.write("rows.csv", csv)
      } else {
        let exported = try run("netflix", ["export", "source", "--from", "postgres", "--database", stage.url, "--output", file])
        try #require(exported.status == 0, "\(exported)")
      }
      let described = try run("netflix", ["describe", file])
      try #require(described.status == 0, "\(described)")
      for (column, type) in [
        ("plain", "datetime"), ("zoned", "datetime"), ("whole", "datetime"), ("day", "date"), ("clock", "time"), ("flag", "boolean"),
      ] {
        #expect(described.output.contains("\"name\": \"\(column)\", \"type\": \"\(type)\""), "\(described.output)")
      }
      try stage.folder.write("datapackage.json", described.output)
      try #require(
        try run("netflix-producer", ["--bootstrap-servers", stage.servers, "--topic", stage.topic, file]).status == 0)
      try #require(try stage.consume("--exit-at-end").status == 0)
      let differences = try stage.value(
        """
        SELECT count(*) FROM (SELECT id, plain AT TIME ZONE 'UTC', zoned, whole, day, clock, flag, amount, note FROM source
        EXCEPT SELECT \(Self.columns) FROM \(stage.table)) rows
        """)
      #expect(differences == "0")
      #expect(try stage.rows() == 2)
    }
  }
}

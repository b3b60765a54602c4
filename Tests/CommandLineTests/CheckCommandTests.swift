import Foundation
import TestSupport
import Testing

@Suite("netflix check, analyze and verify")
struct CheckCommandTests {
  private let report = """
    netflix: 21 rows of data/netflix_revenue_updated.csv, 7 rules, 3 broken

      ok       rows                        0 of 21  worst 0, allowed 0
      ok       one-row-a-quarter           0 of 21  worst 0, allowed 0
      ok       quarters-without-gaps       0 of 21  worst 0, allowed 0
      ok       members-add-up              0 of 21  worst 0, allowed 0
      warning  revenue-adds-up             1 of 21  worst 335,766,000, allowed 100,000; DVD rental in the United States 0 to 100,000,000 until 2023-09-30
      warning  arpu-is-revenue-per-member  1 of 80  worst 9.323 %, allowed 0.1 %
      warning  no-value-twice              1 of 210  worst 1, allowed 0

    warning: UCAN revenue of 2023-12-31 is 3,594,791,000 (ucan_revenue)
      - Global revenue minus the regions' sum is 335,766,000, allowed 100,000 [revenue-adds-up]
      - arpu is 16.64, but revenue / mean memberships / 3 is 15.22: 9.323 % apart, allowed 0.1 % [arpu-is-revenue-per-member]
      - revenue of 2023-12-31 and 2022-12-31 are both 3,594,791,000 [no-value-twice]
      suggestion: 3,930,557,000 – Global minus the other regions; arpu is then 0.016 % from revenue / mean memberships / 3; it occurs once

    0 errors, 1 warning. Nothing was corrected.

    """

  @Test func `the real file has one warning and exits with 0, or with 65 under --strict`() throws {
    try WarehouseFixture.with { (fixture) throws in
      #expect(try fixture.run("check") == ProgramResult(status: 0, output: report))
      #expect(try fixture.run("check", "--strict") == ProgramResult(status: 65, output: report))
    }
  }

  @Test func `a CSV that the description beside it does not list is 78 in every command, unless the description is named`() throws {
    try withTemporaryFolder { (folder) throws in
      try folder.write(
        "datapackage.json",
        """
        {"resources": [{"name": "s", "path": "in.csv", "schema": {"primaryKey": "Day", "fields": [{"name": "Day", "type": "date"},
        {"name": "A", "type": "integer"}]}, "star": {"fact": "f", "date": "day", "period": "month",
        "metrics": [{"name": "sales", "kind": "flow"}], "regions": [{"name": "A", "columns": {"sales": "a"}}]}}]}
        """)
      try folder.write("other.csv", "Day,A\n2020-01-31,1\n2020-02-29,2\n")
      let text = """
        error: datapackage.json describes in.csv, not other.csv
          If other.csv has the same columns: --dataset datapackage.json.
          Else describe it: netflix describe other.csv > FILE.json, then add --dataset FILE.json to the command.

        """
      let commands = [
        ["netflix", "check"], ["netflix", "etl"], ["netflix", "analyze", "--no-charts"], ["netflix", "forecast", "--no-chart"],
        ["netflix", "dashboard", "--port", "0"], ["netflix", "verify"], ["netflix-producer", "--dry-run"],
      ]
      for command in commands {
        let result = try run(command[0], command.dropFirst() + ["other.csv"], directory: folder.path, seconds: 30)
        #expect(result == ProgramResult(status: 78, errors: text), "\(command)")
      }
      // Both ways that it advises.
      #expect(try run("netflix", ["check", "other.csv", "--dataset", "datapackage.json"], directory: folder.path).status == 0)
      try folder.write("FILE.json", try run("netflix", ["describe", "other.csv"], directory: folder.path).output)
      #expect(try run("netflix-producer", ["--dry-run", "other.csv", "--dataset", "FILE.json"], directory: folder.path).status == 0)
      // What comes by a pipe has no name.
      let piped = try run("netflix", ["check", "-"], input: "Day,A\n2020-01-31,1\n", directory: folder.path)
      #expect(piped.status == 0 && piped.output.hasPrefix("s: 1 row of standard input, 2 rules, 0 broken\n"), "\(piped)")
      let twice = try run("netflix", ["check", "other.csv", "--csv", "in.csv"], directory: folder.path)
      #expect(twice.status == 64)
      // The command line goes before the environment.
      let environment = ["NETFLIX_FROM": "postgres", "NETFLIX_DATASET": "datapackage.json"]
      #expect(try run("netflix", ["check", "other.csv"], environment: environment, directory: folder.path).status == 0)
    }
  }

  @Test func `without a CSV the description is the one that is here, else the one in data`() throws {
    try withTemporaryFolder { (folder) throws in
      func template() throws -> ProgramResult { try run("netflix", ["nifi-template"], directory: folder.path) }
      func consumer() throws -> ProgramResult { try run("netflix-consumer", ["--exit-at-end"], directory: folder.path) }
      for none in [try template(), try consumer()] {
        #expect(
          none.status == 66 && none.errors.hasPrefix("error: data/datapackage.json: no such description, and no datapackage.json here\n"),
          "\(none)")
      }
      func description(_ topic: String) -> String {
        #"{"resources": [{"name": "r", "path": "r.csv", "topic": "\#(topic)", "schema": {"fields": [{"name": "Id", "type": "integer"}]}}]}"#
      }
      try FileManager.default.createDirectory(atPath: folder.path + "/data", withIntermediateDirectories: false)
      try folder.write("data/datapackage.json", description("in-data"))
      #expect(try template().output.contains("in-data"))
      try folder.write("datapackage.json", description("here"))
      #expect(try template().output.contains(">here<"))
      try folder.write("datapackage.json", "no JSON")
      #expect(try consumer().status == 78)
    }
  }

  @Test func `the corrected file ends with 0 under strict`() throws {
    try WarehouseFixture.with { (fixture) throws in
      try fixture.doctor("8832825000,3594791000", "8832825000,3930557000")
      let result = try fixture.run("check", "--strict")
      #expect(result.status == 0)
      #expect(result.output.hasSuffix("No findings.\n"))
    }
  }

  @Test func `check lists every gap that forecast rejects, from each source`() throws {
    try withTemporaryFolder { (folder) throws in
      let regions = ["A", "C"].enumerated().map { #"{"name": "\#($1)", "columns": {"sales": "r\#($0)"}}"# }.joined(separator: ", ")
      try folder.write(
        "datapackage.json",
        """
        {"resources": [{"name": "s", "path": "in.csv", "schema": {"primaryKey": "Day", "fields": [{"name": "Day", "type": "date"},
        {"name": "A", "type": "integer", "column": "r0"}, {"name": "C", "type": "integer", "column": "r1"}]},
        "star": {"fact": "f", "date": "day", "period": "month", "metrics": [{"name": "sales", "kind": "flow"}], "regions": [\(regions)]}}]}
        """)
      try folder.write("in.csv", "Day,A,C\n2020-01-31,1,5\n2020-02-29,2,\n2020-03-31,2,6\n2020-05-31,4,7\n")
      func netflix(_ arguments: String...) throws -> ProgramResult {
        try run("netflix", arguments + ["--csv", "in.csv"], directory: folder.path)
      }
      for region in ["A", "C"] {
        let forecast = try netflix("forecast", "--no-chart", "--region", region)
        #expect(forecast.status == 65 && forecast.errors.contains("'netflix check' lists the gaps"), "\(forecast)")
      }
      let gaps = """
        Gaps, which prevent a forecast of the series:
          - 1 month missing between 2020-03-31 (2020-03) and 2020-05-31 (2020-05)
          - C sales is empty at 2020-02-29 (r1)

        No findings, 2 gaps.

        """
      let check = try netflix("check")
      #expect(check.status == 0 && check.output.hasSuffix(gaps), "\(check)")
      #expect(try netflix("etl", "--sqlite", "s.db").status == 0)
      let file = try run(
        "netflix", ["check", "--from", "sqlite", "--sqlite", "s.db", "--dataset", "datapackage.json"], directory: folder.path)
      #expect(file.status == 0 && file.output.hasSuffix(gaps), "\(file)")
    }
  }

  @Test func `an error exits with 65`() throws {
    try WarehouseFixture.with { (fixture) throws in
      try fixture.doctor("148863000", "148863001")
      let result = try fixture.run("check", "--json")
      #expect(result.status == 65)
      #expect(result.output.contains(#""errors":1,"warnings":1,"#))
      #expect(
        result.output.contains(
          #"{"date":"2019-03-31","region":"Global","metric":"memberships","column":"total_members","value":148863001}"#))
    }
  }

  @Test func `the landed rows and the file of etl have the same finding`() throws {
    try withDatabase { (url: String) throws in
      try WarehouseFixture.with(database: url) { (fixture) throws in
        try fixture.land()
        _ = try fixture.run("etl")
        let finding = report[(report.range(of: "warning: UCAN")?.lowerBound ?? report.startIndex)...]
        for source in ["postgres", "sqlite"] {
          let result = try fixture.run("check", "--from", source)
          #expect(result.status == 0)
          #expect(result.output.hasSuffix(finding), "\(source): \(result)")
          let rows = "rows (types and constraints are checked where a CSV is read)"
          let unique = source == "sqlite" ? ", one-row-a-quarter (the warehouse has one row per date)" : ""
          #expect(result.output.contains("\nNot applicable here: \(rows)\(unique)\n"), "\(source): \(result)")
          #expect(result.output.contains(" \(source == "sqlite" ? 5 : 6) rules, 3 broken\n"))
          let json = try fixture.run("check", "--from", source, "--json").output
          #expect(json.contains(#""skipped":[{"rule":"rows","reason":"types and constraints are checked where a CSV is read"}"#))
        }
      }
    }
  }

  @Test func `analyze gives the same output for CSV, landed rows and SQLite file, and warns about the flagged cell`() throws {
    try withDatabase { (url: String) throws in
      try WarehouseFixture.with(database: url) { (fixture) throws in
        try fixture.land()
        _ = try fixture.run("etl")
        let csv = try fixture.run("analyze", "--no-charts")
        #expect(csv.status == 0)
        #expect(
          csv.errors == "warning: flagged: UCAN revenue of 2023-12-31 is 3,594,791,000 (ucan_revenue); netflix check shows the reason\n")
        #expect(csv.output.contains("  Global  9,370,440,000      +6.1 %  +14.8 %               +15.7 %\n"))
        for source in ["postgres", "sqlite"] {
          let other = try fixture.run("analyze", "--no-charts", "--from", source)
          #expect(other.output.split(separator: "\n").dropFirst() == csv.output.split(separator: "\n").dropFirst())
        }
        let json = try fixture.run("analyze", "--no-charts", "--json", "-qq")
        #expect(json.errors.isEmpty)
        #expect(
          json.output.contains(
            #"{"metric":"revenue","region":"Global","date":"2024-03-31","latest":9370440000,"previous_period":0.060866,"year_on_year":0.148127,"cagr":0.156925,"cagr_from":"2019-03-31"}"#
          ))
      }
    }
  }

  @Test func `verify exits with 0 if all rows have landed, else with 65 and the differences`() throws {
    try withDatabase { (url: String) throws in
      try WarehouseFixture.with(database: url) { (fixture) throws in
        let csv = "data/netflix_revenue_updated.csv"
        #expect(try fixture.run("verify", csv).status == 66)
        try fixture.land()
        #expect(
          try fixture.run("verify", csv) == ProgramResult(status: 0, output: "\(csv): 21 rows, all as in netflix_raw\n"))
        try fixture.doctor("4520992000", "4520992001")
        #expect(
          try fixture.run("verify", csv)
            == ProgramResult(
              status: 65,
              output: """
                2019-03-31 (line 2): global_revenue is 4520992001 in the CSV, 4520992000 in the table

                \(csv): 21 rows, 21 in netflix_raw: 1 difference

                """))
      }
    }
    try WarehouseFixture.with { (fixture) throws in
      #expect(try fixture.run("verify", "data/none.csv").status == 66)
      #expect(try fixture.run("verify", "data/netflix_revenue_updated.csv").status == 69)
    }
  }
}

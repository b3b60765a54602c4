import Dataset
import Testing

@testable import Warehouse

@Suite struct QualityTests {
  /// The real CSV with its only wrong cell corrected.
  private func clean() throws -> SampleDataset { try SampleDataset.real().replacing("8832825000,3594791000", "8832825000,3930557000") }

  private func report(_ data: SampleDataset) throws -> QualityReport {
    var builder = try SnapshotBuilder(data.resource)
    var checks = RowChecks(data.resource)
    var bad: [RejectedRow] = []
    let rows = CSVRows(resource: data.resource, file: "test.csv", read: reader(data.csv), onReject: { bad.append($0) })
    try rows.forEachRow { row, line in
      checks.add(row, line: line)
      try builder.add(row)
    }
    for row in bad { checks.add(row) }
    let provenance = Provenance(kind: .csv, location: "test.csv", rows: checks.rows)
    return QualityReport(
      resource: data.resource, snapshot: builder.finish(provenance: provenance), rows: checks.finish(), provenance: provenance)
  }

  /// The violated rules.
  private func broken(_ data: SampleDataset) throws -> [String] { try report(data).rules.filter { $0.violations > 0 }.map(\.rule) }

  @Test func `the real file has one finding: UCAN revenue of 2023-12-31, with the evidence of three rules and the implied value`() throws {
    let report = try report(try SampleDataset.real())
    #expect(report.errors == 0)
    #expect(report.warnings == 1)
    #expect(report.findings.count == 1)
    #expect(
      report.lines.suffix(7) == [
        "warning: UCAN revenue of 2023-12-31 is 3,594,791,000 (ucan_revenue)",
        "  - Global revenue minus the regions' sum is 335,766,000, allowed 100,000 [revenue-adds-up]",
        "  - arpu is 16.64, but revenue / mean memberships / 3 is 15.22: 9.323 % apart, allowed 0.1 % [arpu-is-revenue-per-member]",
        "  - revenue of 2023-12-31 and 2022-12-31 are both 3,594,791,000 [no-value-twice]",
        "  suggestion: 3,930,557,000 – Global minus the other regions; arpu is then 0.016 % from revenue / mean memberships / 3; it occurs once",
        "", "0 errors, 1 warning. Nothing was corrected.",
      ])
    #expect(report.fails(strict: false) == false)
    #expect(report.fails(strict: true) == true)
  }

  @Test func `members by region sum to the total in all 21 quarters`() throws {
    let result = try report(try SampleDataset.real()).rules.first { $0.rule == "members-add-up" }
    #expect(result?.checked == 21)
    #expect(result?.violations == 0)
    #expect(result?.measured == "0")
  }

  @Test func `the corrected file has no finding`() throws {
    let report = try report(try clean())
    #expect(report.findings.isEmpty)
    #expect(report.rules.allSatisfy { $0.violations == 0 && $0.checked > 0 })
    #expect(report.fails(strict: true) == false)
  }

  @Test func `a key of several columns is compared column by column, and numbers by their value`() throws {
    let json = """
      {"resources": [{"name": "r", "path": "r.csv", "schema": {"fields": [{"name": "a"}, {"name": "b"}, {"name": "n", "type": "number"}],
        "primaryKey": ["a", "b", "n"]}}]}
      """
    let resource = try DataPackage(json: Array(json.utf8), file: "d.json").resources[0]
    var checks = RowChecks(resource)
    let csv = """
      a,b,n
      "x, y",z,16
      x,"y, z",16
      x,"y, z",16.0
      x,z,12345678901234567890.5
      x,z,12345678901234567890.500
      """
    try CSVRows(resource: resource, file: "r.csv", read: reader(csv), onReject: { _ in }).forEachRow { checks.add($0, line: $1) }
    #expect(
      checks.finish().findings.map { $0.evidence[0].message } == [
        "a, b, n x, y, z, 16 is in line 3 already", "a, b, n x, z, 12345678901234567890.5 is in line 5 already",
      ])
  }

  @Test func `a quarter met twice breaks the rule of unique keys, with its line`() throws {
    let data = try clean()
    let line = "\n"
    let last = try #require(data.csv.split(whereSeparator: \.isNewline).last)
    let report = try report(
      SampleDataset(resource: data.resource, csv: data.csv.hasSuffix(line) ? data.csv + last : data.csv + line + last))
    #expect(report.rules.filter { $0.violations > 0 }.map(\.rule) == ["one-row-a-quarter"])
    #expect(report.findings.map(\.headline) == ["line 23"])
    #expect(report.findings.first?.evidence.first?.message == "date 2024-03-31 is in line 22 already")
    #expect(report.errors == 1)
  }

  @Test func `a missing quarter violates the gap-free rule`() throws {
    let data = try clean()
    let lines = data.csv.split(whereSeparator: \.isNewline)
    let without = lines.filter { !$0.hasPrefix("30-06-2021") }.joined(separator: "\n")
    let report = try report(SampleDataset(resource: data.resource, csv: without))
    #expect(report.rules.filter { $0.violations > 0 }.map(\.rule) == ["quarters-without-gaps"])
    #expect(
      report.findings.first?.evidence.first?.message == "1 quarter missing between 2021-03-31 (Q1 2021) and 2021-09-30 (Q3 2021)")
    #expect(report.errors == 1)
  }

  @Test func `a wrong membership violates the sum and the ARPU of two quarters, and is reported once as an error`() throws {
    // EMEA 2021-09-30: 70,500,000 members.
    let report = try report(try clean().replacing("74024000,70500000", "74024000,71500000"))
    #expect(report.findings.count == 1)
    #expect(report.findings.first?.headline == "EMEA memberships of 2021-09-30 is 71,500,000 (emea_members)")
    #expect(report.findings.first?.evidence.map(\.rule) == ["members-add-up", "arpu-is-revenue-per-member", "arpu-is-revenue-per-member"])
    #expect(report.findings.first?.suggestion?.value.text == "70500000")
    #expect(report.errors == 1)
  }

  @Test func `a wrong ARPU is found by the ratio rule alone`() throws {
    let report = try report(try clean().replacing("14.68,11.65", "14.68,12.65"))
    #expect(report.rules.filter { $0.violations > 0 }.map(\.rule) == ["arpu-is-revenue-per-member"])
    #expect(report.findings.map(\.headline) == ["EMEA arpu of 2021-09-30 is 12.65 (emea_arpu)"])
    #expect(report.findings.first?.suggestion?.value.text == "11.65")
    #expect(report.findings.first?.suggestion?.isExact == false)
    #expect(report.warnings == 1)
  }

  @Test func `a wrong total revenue is found, during the DVD business and after it`() throws {
    #expect(try broken(try clean().replacing("9370440000", "9470440000")) == ["revenue-adds-up"])
    let report = try report(try clean().replacing("7341777000", "7941777000"))
    #expect(report.findings.map(\.headline) == ["Global revenue of 2021-06-30 is 7,941,777,000 (global_revenue)"])
    // The DVD part of it is unknown.
    #expect(report.findings.first?.suggestion == nil)
  }

  @Test func `a repeated value that violates no other rule is reported with both locations`() throws {
    // A region's value is repeated and the total is adjusted, so that the regions still add up.
    let data = try clean()
    let report = try report(
      data.replacing(
        "73951000,68696000,38658000,27875000,14.54,11.66,7.5,9.74,209180000",
        "73951000,68696000,37894000,27875000,14.54,11.66,7.5,9.74,208416000"))
    let finding = try #require(report.findings.first { $0.headline.hasPrefix("LATM memberships of 2021-06-30") })
    #expect(finding.evidence.map(\.rule).contains("no-value-twice"))
  }

  @Test func `a rejected row is an error with its location, and the others are still checked`() throws {
    let report = try report(try SampleDataset.real().replacing("31-12-2019", "31-02-2019"))
    let finding = try #require(report.findings.first)
    #expect(finding.headline == "line 5, column 1")
    #expect(report.rules.first?.rule == "rows")
    #expect(report.rules.first?.violations == 1)
    #expect(report.findings.contains { $0.headline.hasPrefix("UCAN revenue of 2023-12-31") })
  }

  @Test func `a total that violates only the sum rule cannot be distinguished from its parts`() throws {
    // Memberships without ARPU: a dataset with one metric and one rule.
    let data = try SampleDataset.monthly()
    let report = try report(data.replacing("2024-02-29,300,", "2024-02-29,301,"))
    guard case .oneOf(let cells) = try #require(report.findings.first).location else {
      Issue.record("one of several cells expected")
      return
    }
    #expect(cells.map(\.column) == ["all_sales", "north_sales", "south_sales"])
  }

  @Test func `gaps are listed without a rule, one per run, and are not findings`() throws {
    let monthly = try SampleDataset.monthly(
      replacing: #"{"name": "months", "type": "gap-free", "severity": "error"},"#, "")
    let data = SampleDataset(
      resource: monthly.resource,
      csv: """
        Month,All sales,North sales,South sales
        2024-01-31,-,-,1
        2024-02-29,2,1,1
        2024-03-31,2,-,2
        2024-04-30,-,-,-
        2024-07-31,3,1,2
        2024-08-15,3,2,1
        2024-08-31,3,1,-

        """)
    let report = try report(data)
    #expect(report.findings.isEmpty && !report.fails(strict: true))
    #expect(
      report.lines.suffix(8)
        == [
          "", "Gaps, which prevent a forecast of the series:",
          "  - 2 months missing between 2024-04-30 (2024-04) and 2024-07-31 (2024-07)",
          "  - 2024-08-15 and 2024-08-31 are in the same month", "  - all sales is empty at 2024-04-30 (all_sales)",
          "  - north sales is empty at 2024-03-31 to 2024-04-30 (2 rows) (north_sales)",
          "  - south sales is empty at 2024-04-30 (south_sales)", "", "No findings, 5 gaps.",
        ].suffix(8))
    #expect(
      report.json.line.hasSuffix(
        #""findings":[],"gaps":[{"region":null,"metric":null,"column":null,"first":"2024-04-30","last":"2024-07-31","periods":2,"#
          + #""message":"2 months missing between 2024-04-30 (2024-04) and 2024-07-31 (2024-07)"},"#
          + report.gaps.dropFirst().map(\.json.line).joined(separator: ",") + "]}"))
    // With a rule the missing dates are findings, and are not repeated.
    let ruled = try self.report(SampleDataset(resource: try SampleDataset.monthly().resource, csv: data.csv))
    #expect(ruled.errors == 2 && ruled.gaps.count == 3)
  }

  @Test func `the report as JSON`() throws {
    let json = try report(try SampleDataset.real()).json.line
    #expect(
      json.hasSuffix(
        """
        "findings":[{"severity":"warning","cell":{"date":"2023-12-31","region":"UCAN","metric":"revenue","column":"ucan_revenue",\
        "value":3594791000},"suggestion":{"value":3930557000,"exact":true,"reason":"Global minus the other regions; arpu is then 0.016 % from \
        revenue / mean memberships / 3; it occurs once"},"evidence":[{"rule":"revenue-adds-up","message":"Global revenue minus the regions' sum is \
        335,766,000, allowed 100,000","measured":"335,766,000","limit":"100,000"},{"rule":"arpu-is-revenue-per-member","message":"arpu is 16.64, \
        but revenue / mean memberships / 3 is 15.22: 9.323 % apart, allowed 0.1 %","measured":"9.323 %","limit":"0.1 %"},{"rule":"no-value-twice",\
        "message":"revenue of 2023-12-31 and 2022-12-31 are both 3,594,791,000","measured":"1","limit":"0"}]}],"gaps":[]}
        """))
  }
}

import CommonOptions
import Console
import Dataset
import Postgres
import SQLite
import Warehouse

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the data against the description's quality rules, without correcting it.",
    discussion: """
      Applies the description's rules: duplicate keys, gaps between dates, regions that do not add up to their total, ratios that do \
      not match, improbable duplicate values; for a CSV also each row's types and constraints. Each wrong cell is reported once, with the \
      rules it violates and the value they imply. An error sets exit status 65, a warning does not. Gaps in a series, which \
      'netflix forecast' does not accept, are listed even without a rule for them, and do not change the exit status.

      EXIT STATUS
        0 no error                     64 usage                             65 an error, or with --strict a warning
        66 no CSV, description or rows 69 Postgres not reachable            77 login or permission denied
        78 the description is invalid
      """,
    examples: [
      .init("The CSV of this repository", "netflix check"),
      .init("The landed rows, for a pipeline that stops at any finding", "netflix check --from postgres --strict"),
      .init("Machine-readable output", "netflix check --json"),
    ])

  @OptionGroup(title: "Rows") var rows: SnapshotOptions

  @Flag(help: "Exit with 65 for a warning, too.")
  var strict = false

  @OptionGroup var output: OutputOptions

  mutating func run() throws {
    let resource = try rows.loadResource()
    let report = try report(resource)
    if output.json {
      try StandardOutput.print(report.json.line)
    } else {
      try StandardOutput.print(lines: report.lines)
    }
    if report.fails(strict: strict) { throw ExitCode.badData }
  }

  private func report(_ resource: Resource) throws -> QualityReport {
    if rows.from == .csv { return try csvReport(resource) }
    let snapshot = try rows.snapshot(resource, log: output.log)
    guard rows.from == .postgres else { return QualityReport(resource: resource, snapshot: snapshot, provenance: snapshot.provenance) }
    let connection = try rows.access.open(applicationName: "netflix check", log: output.log)
    defer { connection.close() }
    let found = try RawTableChecks.read(connection, table: rows.table ?? resource.table, resource: resource)
    return QualityReport(resource: resource, snapshot: snapshot, rows: found, provenance: snapshot.provenance)
  }

  /// Reads the CSV once, for both the facts and the row checks.
  private func csvReport(_ resource: Resource) throws -> QualityReport {
    let file = try CSVFile(rows.csvFile(of: resource), log: output.log)
    var builder = resource.star == nil ? nil : try SnapshotBuilder(resource)
    var checks = RowChecks(resource)
    var rejected: [RejectedRow] = []
    try file.rows(resource, onReject: { rejected.append($0) }).forEachRow { row, line in
      checks.add(row, line: line)
      try builder?.add(row)
    }
    for row in rejected { checks.add(row) }
    let provenance = Provenance(kind: .csv, location: file.name, rows: checks.rows)
    return QualityReport(
      resource: resource, snapshot: builder?.finish(provenance: provenance), rows: checks.finish(), provenance: provenance)
  }
}

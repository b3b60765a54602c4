import CommonOptions
import Console
import Dataset
import Postgres
import SQLite
import Warehouse

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "what the description's rules find in the data; nothing is corrected",
    discussion: """
      Applies the rules of the description: keys met twice, gaps between dates, regions that do not add up to their total, quotients that do \
      not hold, figures met twice where they cannot be; of a CSV also each row's types and constraints. A wrong cell is told once, with the \
      evidence of every rule that points at it and the figure they agree on. Errors end with 65, warnings with 0. Gaps of a series, which \
      'netflix forecast' cannot have, are listed without a rule, too, and end with 0.

      EXIT STATUS
        0 no error                     64 usage                             65 an error; --strict: a warning, too
        66 no CSV, description, rows   69 Postgres not reachable            77 password or right refused
        78 the description is invalid
      """,
    examples: [
      .init("The CSV of this repository", "netflix check"),
      .init("The rows that landed, for a pipeline that stops at any finding", "netflix check --from postgres --strict"),
      .init("For a machine", "netflix check --json"),
    ])

  @OptionGroup(title: "Rows") var rows: SnapshotOptions

  @Flag(help: "Warnings end with 65, too.")
  var strict = false

  @OptionGroup var said: OutputOptions

  mutating func run() throws {
    let resource = try rows.described()
    let report = try report(resource)
    if said.json {
      try StandardOutput.print(report.json.line)
    } else {
      try StandardOutput.print(lines: report.lines)
    }
    if report.fails(strict: strict) { throw ExitCode.badData }
  }

  private func report(_ resource: Resource) throws -> QualityReport {
    if rows.from == .csv { return try csvReport(resource) }
    let snapshot = try rows.snapshot(resource, log: said.log)
    guard rows.from == .postgres else { return QualityReport(resource: resource, snapshot: snapshot, origin: snapshot.provenance) }
    let connection = try rows.access.open(applicationName: "netflix check", log: said.log)
    defer { connection.close() }
    let found = try RawTableChecks.read(connection, table: rows.table ?? resource.table, resource: resource)
    return QualityReport(resource: resource, snapshot: snapshot, rows: found, origin: snapshot.provenance)
  }

  /// One reading for both: the facts, and what only the rows themselves can tell.
  private func csvReport(_ resource: Resource) throws -> QualityReport {
    let file = try CSVFile(rows.csvFile(of: resource), log: said.log)
    var builder = resource.star == nil ? nil : try SnapshotBuilder(resource)
    var checks = RowChecks(resource)
    try file.rows(resource, keepBad: true).forEachRow { row, line in
      checks.add(row, line: line)
      try builder?.add(row)
    }
    for row in file.bad { checks.add(row) }
    let origin = Provenance(kind: .csv, place: file.name, rows: checks.rows)
    return QualityReport(resource: resource, snapshot: builder?.finish(origin: origin), rows: checks.finish(), origin: origin)
  }
}

import CommonOptions
import Console
import DatabaseOptions
import Dataset
import Postgres
import SQLite
import Warehouse

/// Options for the source of a command's rows; the results are the same from every source.
struct SnapshotOptions: ParsableArguments {
  enum Source: String, CaseIterable, ExpressibleByArgument { case csv, postgres, sqlite }

  @Option(
    help: "The CSV itself, the rows that landed in Postgres, or the SQLite file that 'netflix etl' made.", environment: "NETFLIX_FROM")
  var from = Source.csv

  @OptionGroup var place: RowsOptions

  var csv: String? { place.csv }
  var table: String? { place.table }
  var access: DatabaseAccess { place.access }

  /// Whether the source is set on the command line; the environment applies to every command.
  var isFromGiven: Bool { $from.source == .commandLine }

  mutating func validate() throws {
    guard csv != nil, from != .csv else { return }
    // The command line goes before the environment.
    guard isFromGiven else { return from = .csv }
    throw CommandError(.usage, "--csv names a file, and --from \(from.rawValue) reads none")
  }

  /// The description's resource. Throws ``Failure`` 66 where the description cannot be read, `DatasetError` where it is none.
  func described() throws -> Resource { try place.described() }

  /// The CSV that was named, or the description's.
  func csvFile(of resource: Resource) -> String { place.csvFile(of: resource) }

  func sqliteFile(of resource: Resource) -> String { place.sqliteFile(of: resource) }

  /// A consistent snapshot of all rows. Throws the errors of the dataset, the warehouse and the two databases.
  func snapshot(_ resource: Resource, log: Log) throws -> Snapshot {
    switch from {
    case .csv:
      return try snapshot(resource, csv: csvFile(of: resource), log: log)
    case .postgres:
      let connection = try access.open(applicationName: "netflix", log: log)
      defer { connection.close() }
      return try Snapshot(landedIn: connection, table: table ?? resource.table, resource: resource)
    case .sqlite:
      let file = try SQLiteDatabase(sqliteFile(of: resource), .readOnly)
      defer { file.close() }
      return try Snapshot(warehouse: file, resource: resource)
    }
  }

  private func snapshot(_ resource: Resource, csv path: String, log: Log) throws -> Snapshot {
    let file = try CSVFile(path, log: log)
    var builder = try SnapshotBuilder(resource)
    var rows = 0
    try file.rows(resource, keepBad: false).forEachRow { row, _ in
      try builder.add(row)
      rows += 1
    }
    return builder.finish(origin: Provenance(kind: .csv, place: file.name, rows: rows))
  }
}

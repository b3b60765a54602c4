import CommonOptions
import Console
import DatabaseOptions
import Dataset
import Postgres
import SQLite
import Warehouse

/// Where the rows are that a command looks at; the answers are the same from all of them.
struct SnapshotOptions: ParsableArguments {
  enum Source: String, CaseIterable, ExpressibleByArgument { case csv, postgres, sqlite }

  @Option(
    help: "The CSV itself, the rows that landed in Postgres, or the SQLite file that 'netflix etl' made.", environment: "NETFLIX_FROM")
  var from = Source.csv

  @Option(help: ArgumentHelp("The CSV.", valueName: "FILE", default: "the description's, beside it"))
  var csv: String?

  @Option(help: ArgumentHelp("The SQLite file.", valueName: "FILE"))
  var sqlite = "data/netflix.db"

  @Option(help: ArgumentHelp("The landed rows' table.", default: "the description's"), environment: "NETFLIX_TABLE")
  var table: String?

  @OptionGroup var access: DatabaseAccess

  @Option(
    help: ArgumentHelp(
      "The description of the data (a Data Package).", valueName: "FILE", default: "\(DatasetOptions.defaultFile), or beside --csv"),
    environment: "NETFLIX_DATASET")
  var dataset: String?

  @Option(
    help: ArgumentHelp("Which of the description's resources, where it has several.", valueName: "NAME"), environment: "NETFLIX_RESOURCE")
  var resource: String?

  /// Whether the command line says where the rows are: the environment speaks to every command.
  var isFromGiven: Bool { $from.source == .commandLine }

  mutating func validate() throws {
    if csv != nil, from != .csv { throw Failure(.usage, "--csv names a file, and --from \(from.rawValue) reads none") }
  }

  /// The description's resource. Throws ``Failure`` 66 where the description cannot be read, `DatasetError` where it is none.
  func described() throws -> Resource {
    try DescriptionFile.load(description).resource(named: resource, forCSV: csv)
  }

  /// Everything at one moment. Errors of the dataset, the warehouse and the two databases go through as they are.
  func snapshot(_ resource: Resource, log: Log) throws -> Snapshot {
    switch from {
    case .csv:
      return try snapshot(resource, csv: csvFile(of: resource), log: log)
    case .postgres:
      let connection = try access.open(applicationName: "netflix", log: log)
      defer { connection.close() }
      return try Snapshot(landedIn: connection, table: table ?? resource.table, resource: resource)
    case .sqlite:
      let file = try SQLiteDatabase(sqlite, .readOnly)
      defer { file.close() }
      return try Snapshot(warehouse: file, resource: resource)
    }
  }

  private func snapshot(_ resource: Resource, csv path: String, log: Log) throws -> Snapshot {
    let file = try OpenedCSV(path, log: log)
    var builder = try SnapshotBuilder(resource)
    var rows = 0
    try file.rows(resource, keepBad: false).forEachRow { row, _ in
      try builder.add(row)
      rows += 1
    }
    return builder.finish(origin: Origin(kind: .csv, place: file.name, rows: rows))
  }

  /// The CSV that was named, or the description's.
  func csvFile(of resource: Resource) -> String { csv ?? beside(resource) }

  private var description: String { dataset ?? csv.map(DescriptionFile.beside) ?? DatasetOptions.defaultFile }

  /// A description's paths are relative to its folder.
  private func beside(_ resource: Resource) -> String {
    guard let slash = description.lastIndex(of: "/") else { return resource.path }
    return description[...slash] + resource.path
  }
}

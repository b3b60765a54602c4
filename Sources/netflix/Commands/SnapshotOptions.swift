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
    help: ArgumentHelp("The CSV, the rows that landed in Postgres, or the SQLite file of 'netflix etl'.", valueName: "SOURCE"),
    environment: "NETFLIX_FROM")
  var from = Source.csv

  @OptionGroup var source: RowsOptions

  var csv: String? { source.csv }
  var table: String? { source.table }
  var access: DatabaseAccess { source.access }

  /// Whether the source is set on the command line; the environment applies to every command.
  var isFromGiven: Bool { $from.source == .commandLine }

  mutating func validate() throws {
    if csv != nil, from != .csv {
      // The command line goes before the environment.
      guard !isFromGiven else { throw CommandError(.usage, "--csv names a file, and --from \(from.rawValue) reads none") }
      from = .csv
    }
    try checkUse(of: source.$sqlite, "--sqlite", from == .sqlite, for: "--from sqlite")
    try checkUse(of: source.$table, "--table", from == .postgres, for: "--from postgres")
    try checkUse(of: access.database.$database, "--database", from == .postgres, for: "--from postgres")
  }

  /// The description's resource. Throws ``CommandError`` 66 if the description cannot be read, `DatasetError` if it is not valid.
  func loadResource() throws -> Resource { try source.loadResource() }

  /// The CSV that was named, or the description's.
  func csvFile(of resource: Resource) -> String { source.csvFile(of: resource) }

  func sqliteFile(of resource: Resource) -> String { source.sqliteFile(of: resource) }

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
    try file.rows(resource).forEachRow { row, _ in
      try builder.add(row)
      rows += 1
    }
    return builder.finish(provenance: Provenance(kind: .csv, location: file.name, rows: rows))
  }
}

extension CSVFile {
  /// The rows.
  ///
  /// - Parameter onReject: takes a rejected record; nil: it ends the reading.
  func rows(_ resource: Resource, onReject: ((RejectedRow) -> Void)? = nil) -> CSVRows {
    CSVRows(
      resource: resource, file: name, read: { try self.read(&$0) }, onReject: onReject,
      onBlank: { [name, log] in log.info(RowReader.blankNote($0, source: name)) }, progress: { self.update(rows: $0, bytes: $1) })
  }
}

/// The places that rows are in, and their description.
struct RowsOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The CSV; - reads standard input.", valueName: "CSV", default: "the file that the description names"))
  var file: String?

  @Option(help: ArgumentHelp("The CSV, as an option instead of the argument.", valueName: "CSV"))
  var csv: String?

  @Option(
    help: ArgumentHelp(
      "The SQLite file.", valueName: "FILE", default: "X.db beside X.csv if a CSV is given, else DATASET.db beside the description"))
  var sqlite: String?

  @Option(help: ArgumentHelp("The table of the landed rows.", default: "the description's"), environment: "NETFLIX_TABLE")
  var table: String?

  @OptionGroup var access: DatabaseAccess

  @Option(
    help: ArgumentHelp(
      "The description of the data (a Data Package).", valueName: "FILE",
      default: "datapackage.json beside the CSV; without a CSV datapackage.json, else data/datapackage.json"),
    environment: "NETFLIX_DATASET")
  var dataset: String?

  @Option(
    help: ArgumentHelp("The resource of the description, if it has several.", valueName: "NAME"), environment: "NETFLIX_RESOURCE")
  var resource: String?

  mutating func validate() throws {
    if sqlite == "-" { throw CommandError(.usage, Self.noStream) }
    guard let file else { return }
    guard csv == nil else {
      throw CommandError(.usage, "\(file) and --csv \(csv ?? "") both name the CSV", hint: "Leave one of them out.")
    }
    csv = file
  }

  /// In place of `-`: SQLite neither reads nor writes a stream.
  static let noStream = "--sqlite takes a file, not a stream"

  /// The description's resource; see ``DescriptionFile/resource(named:forCSV:in:)``.
  func loadResource() throws -> Resource { try DescriptionFile.resource(named: resource, forCSV: csv, in: dataset) }

  /// The CSV that was named, or the description's.
  func csvFile(of resource: Resource) -> String { csv ?? folder + resource.path }

  /// The file of `netflix etl`: the one that was named; else X.db for X.csv; else by the dataset's name, beside its description.
  func sqliteFile(of resource: Resource) -> String {
    if let sqlite { return sqlite }
    guard let csv, !DescriptionFile.isStream(csv) else { return folder + resource.name.replacing("/", with: "_") + ".db" }
    let start = csv.lastIndex(of: "/").map { csv.index(after: $0) } ?? csv.startIndex
    let end = csv[start...].lastIndex(of: ".").flatMap { $0 > start ? $0 : nil } ?? csv.endIndex
    return csv[..<end] + ".db"
  }

  /// A description's paths are relative to its folder.
  private var folder: String {
    let description = dataset ?? DescriptionFile.find(forCSV: csv)
    return description.lastIndex(of: "/").map { String(description[...$0]) } ?? ""
  }
}

extension ParsableArguments {
  /// An option of the command line that another choice leaves without effect is a usage error; the environment applies to every command.
  func checkUse<Value>(of option: Option<Value>, _ name: String, _ isUsed: Bool, for choice: String) throws(CommandError) {
    guard !isUsed, option.source == .commandLine else { return }
    throw CommandError(.usage, "\(name) is for \(choice)", hint: "Add \(choice), or leave it out.")
  }
}

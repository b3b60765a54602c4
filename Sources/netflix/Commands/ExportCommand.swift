import CommonOptions
import Console
import DatabaseOptions
import Postgres
import SQLite
import Warehouse

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "any table or view as CSV or JSON",
    discussion: """
      Rows come in the order of all their columns, one by one: memory stays flat. In CSV an empty cell is NULL and "" an empty text; in JSON \
      numbers keep their digits.

      EXIT STATUS
        0 done                         64 usage                             66 no such table, view or file
        69 Postgres not reachable      73 output cannot be written          77 password or right refused
      """,
    examples: [
      .init("The wide view of data/netflix.db", "netflix export v_wide > wide.csv"),
      .init("Revenue by region as JSON, from Postgres", "netflix export v_revenue --from postgres --format json"),
      .init("For a spreadsheet, where text must not run as a formula", "netflix export v_wide --safe-cells --output wide.csv"),
      .init("The landed rows themselves", "netflix export netflix_raw --from postgres --output raw.csv"),
    ])

  enum Source: String, CaseIterable, ExpressibleByArgument { case sqlite, postgres }

  @Argument(help: ArgumentHelp("The table or view; in Postgres with its schema, if it is not in the search path.", valueName: "table"))
  var table: String

  @Option(help: "The SQLite file that 'netflix etl' made, or Postgres.")
  var from = Source.sqlite

  @Option(help: "How to write it.")
  var format = ExportFormat.csv

  @Flag(help: "In CSV, put an apostrophe before text that a spreadsheet would run as a formula: = + - @ tab or CR at its beginning.")
  var safeCells = false

  @Option(
    help: ArgumentHelp(
      "The SQLite file.", valueName: "FILE", default: "the one that 'netflix etl' makes without --csv and --sqlite"))
  var sqlite: String?

  @OptionGroup var access: DatabaseAccess

  @Option(help: ArgumentHelp("The file to write, whole or not at all.", valueName: "FILE", default: "standard output"))
  var output: String?

  mutating func validate() throws {
    if safeCells, format != .csv {
      throw CommandError(.usage, "--safe-cells is about spreadsheets, and --format \(format.rawValue) is not read by them")
    }
  }

  mutating func run() throws {
    guard let output else {
      let out = Output()
      try export { try out.stream.write($0) }
      return try out.stream.flush()
    }
    try AtomicFile.write(output) { write in try export(write) }
  }

  /// Where 'netflix etl' puts the rows of the description that it finds.
  private static var defaultFile: String {
    let rows = RowsOptions()
    rows.dataset = Environment.value("NETFLIX_DATASET")
    rows.resource = Environment.value("NETFLIX_RESOURCE")
    return (try? rows.described()).map(rows.sqliteFile) ?? "data/netflix.db"
  }

  private func export(_ write: @escaping (String) throws -> Void) throws {
    switch from {
    case .sqlite:
      let file = try SQLiteDatabase(sqlite ?? Self.defaultFile, .readOnly)
      defer { file.close() }
      try Warehouse.Export.run(table, from: file, as: format, safeCells: safeCells, write: write)
    case .postgres:
      let connection = try access.open(applicationName: "netflix export", log: Log())
      defer { connection.close() }
      try Warehouse.Export.run(table, from: connection, as: format, safeCells: safeCells, write: write)
    }
  }
}

extension ExportFormat: ExpressibleByArgument {}

/// Standard output behind a reference, for a writer that keeps its closure.
private final class Output {
  var stream = StandardOutput()
}

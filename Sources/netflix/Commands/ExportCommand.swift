import CommonOptions
import Console
import DatabaseOptions
import Postgres
import SQLite
import Support
import Warehouse

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Export a table or view as CSV or JSON.",
    discussion: """
      Rows are sorted by all their columns and streamed, so memory use is constant. In CSV an empty cell is NULL and "" is empty text; in JSON \
      numbers keep their digits.

      EXIT STATUS
        0 done                         64 usage                             66 no such table, view or file
        69 Postgres not reachable      73 output cannot be written          77 login or permission denied
      """,
    examples: [
      .init("The wide view of data/netflix.db", "netflix export v_wide > wide.csv"),
      .init("Revenue by region as JSON, from Postgres", "netflix export v_revenue --from postgres --format json"),
      .init("For a spreadsheet, without formulas", "netflix export v_wide --safe-cells --output wide.csv"),
      .init("The landed rows", "netflix export netflix_raw --from postgres --output raw.csv"),
    ])

  enum Source: String, CaseIterable, ExpressibleByArgument { case sqlite, postgres }

  @Argument(help: ArgumentHelp("The table or view; in Postgres with its schema, if that is not in the search path.", valueName: "TABLE"))
  var table: String

  @Option(help: ArgumentHelp("The SQLite file of 'netflix etl', or Postgres.", valueName: "SOURCE"))
  var from = Source.sqlite

  @Option(help: "The output format.")
  var format = ExportFormat.csv

  @Flag(help: "In CSV, prefix text that a spreadsheet would evaluate as a formula (leading = + - @ tab or CR) with an apostrophe.")
  var safeCells = false

  @Option(
    help: ArgumentHelp(
      "The SQLite file.", valueName: "FILE", default: "the file that 'netflix etl' writes without --csv and --sqlite"))
  var sqlite: String?

  @OptionGroup var access: DatabaseAccess

  @Option(help: ArgumentHelp("The output file, written atomically; - is standard output.", valueName: "FILE", default: "-"))
  var output: String?

  mutating func validate() throws {
    if safeCells, format != .csv {
      throw CommandError(.usage, "--safe-cells is about spreadsheets, and --format \(format.rawValue) is not read by them")
    }
    if sqlite == "-" { throw CommandError(.usage, RowsOptions.noStream) }
    try checkUse(of: $sqlite, "--sqlite", from == .sqlite, for: "--from sqlite")
    try checkUse(of: access.database.$database, "--database", from == .postgres, for: "--from postgres")
  }

  mutating func run() throws {
    try AtomicFile.write(output) { write in try export(write) }
  }

  /// Where 'netflix etl' puts the rows of the description that it finds.
  private static var defaultFile: String {
    let rows = RowsOptions()
    rows.dataset = Environment.value("NETFLIX_DATASET")
    rows.resource = Environment.value("NETFLIX_RESOURCE")
    return (try? rows.loadResource()).map(rows.sqliteFile) ?? "data/netflix.db"
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

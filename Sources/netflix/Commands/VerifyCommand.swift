import CommonOptions
import Console
import DatabaseOptions
import Dataset
import Postgres
import Warehouse

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare the rows of a CSV with the landed rows, cell by cell.",
    discussion: """
      Values are compared, not text: 16 equals 16.0. With a key, rows are matched by it: of several rows in the CSV with the same key the last one \
      counts, as when they land, and a key with several landed rows is a difference. Without a key, the number of occurrences of each row is \
      compared.

      EXIT STATUS
        0 no difference                64 usage                             65 a difference, or bad rows
        66 no CSV, description, table  69 Postgres not reachable            77 login or permission denied
        78 the description is invalid
      """,
    examples: [
      .init("Check that all rows have landed", "netflix verify data/netflix_revenue_updated.csv"),
      .init("Compare with another table", "netflix verify sales.csv --table sales_raw"),
    ])

  @Argument(help: ArgumentHelp("The CSV; - reads standard input.", valueName: "CSV"))
  var csv: String

  @OptionGroup var description: CSVDatasetOptions
  @OptionGroup var access: DatabaseAccess

  @Option(help: ArgumentHelp("The table of the landed rows.", default: "the description's"), environment: "NETFLIX_TABLE")
  var table: String?

  @Option(help: ArgumentHelp("Maximum number of differences to print.", valueName: "N"), in: 0...1_000_000)
  var limit = 100

  @OptionGroup var output: OutputOptions

  mutating func run() throws {
    let resource = try description.load(forCSV: csv)
    let file = try CSVFile(csv, log: output.log)
    let connection = try access.open(applicationName: "netflix verify", log: output.log)
    defer { connection.close() }
    var rejected: [RejectedRow] = []
    let rows = file.rows(resource, onReject: { rejected.append($0) })
    let verification = try Verification(
      rows, rejected: { rejected }, against: table ?? resource.table, in: connection, limit: limit)
    if output.json {
      try StandardOutput.print(verification.json.line)
    } else {
      try StandardOutput.print(lines: verification.lines)
    }
    if !verification.holds { throw ExitCode.badData }
  }
}

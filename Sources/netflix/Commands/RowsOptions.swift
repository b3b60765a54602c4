import CommonOptions
import Console
import DatabaseOptions
import Dataset
import Warehouse

/// The places that rows are in, and their description.
struct RowsOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The CSV; - is standard input.", valueName: "CSV", default: "the description's, beside it"))
  var file: String?

  @Option(help: ArgumentHelp("The same as an option.", valueName: "FILE"))
  var csv: String?

  @Option(
    help: ArgumentHelp(
      "The SQLite file.", valueName: "FILE", default: "X.db beside X.csv where a CSV is named, else DATASET.db beside the description"))
  var sqlite: String?

  @Option(help: ArgumentHelp("The landed rows' table.", default: "the description's"), environment: "NETFLIX_TABLE")
  var table: String?

  @OptionGroup var access: DatabaseAccess

  @Option(
    help: ArgumentHelp(
      "The description of the data (a Data Package).", valueName: "FILE",
      default: "datapackage.json beside the CSV; without a CSV here, else in data"),
    environment: "NETFLIX_DATASET")
  var dataset: String?

  @Option(
    help: ArgumentHelp("Which of the description's resources, where it has several.", valueName: "NAME"), environment: "NETFLIX_RESOURCE")
  var resource: String?

  mutating func validate() throws {
    guard let file else { return }
    guard csv == nil else {
      throw CommandError(.usage, "\(file) and --csv \(csv ?? "") both name the CSV", advice: "Leave one of them out.")
    }
    csv = file
  }

  /// The description's resource; see ``DescriptionFile/resource(named:forCSV:in:)``.
  func described() throws -> Resource { try DescriptionFile.resource(named: resource, forCSV: csv, in: dataset) }

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

import CommonOptions
import Console
import Dataset
import DevServices
import Glibc
import Support
import SystemIO

/// The rows that a demo publishes: a CSV, or generated rows in files small enough for the embedded broker.
struct DemoSource {
  /// The embedded broker keeps 5 MB per partition; a generated message has 350 bytes, and in the worst case all are in one partition.
  static let rowsPerFile = 12_000

  /// The description's file, and its resource for the CSV.
  let dataset: String
  let resource: Resource
  /// The source of the rows, for the output.
  let name: String
  /// The number of generated rows; nil for a CSV.
  let generatedRowCount: Int?
  private let csv: String

  init(csv: String, rows: Int?) throws {
    // Reports a missing file before anything is started.
    _ = try InputFile(csv, what: "CSV")
    dataset = DescriptionFile.find(forCSV: csv)
    resource = try DescriptionFile.resource(named: nil, forCSV: csv, in: nil)
    self.csv = csv
    generatedRowCount = rows
    name = rows.map { counted($0, "made-up row") } ?? csv
  }

  var files: Int { ((generatedRowCount ?? 1) + Self.rowsPerFile - 1) / Self.rowsPerFile }

  /// An invalid message: text in a number field, or, for other data, not JSON.
  var invalidMessage: (key: String, value: String) {
    let keys = resource.primaryKey.map { resource.fields[$0] }
    let number = resource.fields.first { field in
      switch field.type {
      case .integer, .number: !keys.contains { $0.column == field.column }
      default: false
      }
    }
    guard let number, keys.count == 1, case .date = keys[0].type else { return ("demo", "no row at all") }
    return ("2024-06-30", #"{"\#(keys[0].column)":"2024-06-30","\#(number.column)":"a lot"}"#)
  }

  /// The path of a file of the source. Generated rows are written now, into `folder`, and overwrite the previous file.
  func file(_ index: Int, in folder: String) throws -> String {
    guard let generatedRowCount else { return csv }
    let first = index * Self.rowsPerFile
    var rows = SyntheticRows(count: min(Self.rowsPerFile, generatedRowCount - first), first: first)
    var bytes = Array(SyntheticRows.header.utf8)
    while rows.next(appendingTo: &bytes) {}
    // The name of the CSV: the description finds its resource by this name.
    let path = folder + "/" + (csv.split(separator: "/").last ?? "rows.csv")
    guard let file = fopen(path, "w") else { throw CommandError(.cannotCreate, "\(path): \(systemMessage(errno))") }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count, fflush(file) == 0 else {
      throw CommandError(.cannotCreate, "\(path): \(systemMessage(errno))")
    }
    return path
  }
}

import Dataset
import Foundation
import Postgres
import SQLite
import Support
import TestSupport
import Warehouse

/// A CSV and its description, as bytes.
struct SampleDataset {
  var resource: Resource
  var csv: String

  static func real() throws -> SampleDataset {
    let json = try [UInt8](Foundation.Data(contentsOf: URL(fileURLWithPath: TestProject.folder + "/data/datapackage.json")))
    let package = try DataPackage(json: json, file: "datapackage.json")
    return SampleDataset(
      resource: try package.resource(named: nil, forCSV: nil), csv: try String(contentsOfFile: TestProject.csv, encoding: .utf8))
  }

  /// The dataset with a text of the CSV replaced.
  func replacing(_ old: String, _ new: String) -> SampleDataset {
    precondition(csv.contains(old), "the CSV has no \(old)")
    return SampleDataset(resource: resource, csv: csv.replacingOccurrences(of: old, with: new))
  }

  var rows: CSVRows { CSVRows(resource: resource, file: "test.csv", read: reader(csv)) }

  func snapshot() throws -> Snapshot {
    var builder = try SnapshotBuilder(resource)
    try rows.forEachRow { row, _ in try builder.add(row) }
    return builder.finish(provenance: Provenance(kind: .csv, location: "test.csv", rows: builder.dates.count))
  }
}

/// A read function over a text, for RowReader.
func reader(_ text: String) -> (inout [UInt8]) throws -> Int {
  var rest = Array(text.utf8)[...]
  return { buffer in
    let piece = rest.prefix(buffer.count)
    buffer.replaceSubrange(0..<piece.count, with: piece)
    rest = rest.dropFirst(piece.count)
    return piece.count
  }
}

@discardableResult
func withPostgres<T>(_ body: (PostgresConnection) throws -> T) throws -> T {
  try withDatabase { (url: String) in
    let connection = try PostgresConnection.open(url, applicationName: "tests")
    defer { connection.close() }
    return try body(connection)
  }
}

@discardableResult
func withSQLite<T>(_ body: (SQLiteDatabase) throws -> T) throws -> T {
  try withTemporaryFolder { folder in
    let database = try SQLiteDatabase(folder.path + "/netflix.db", .create)
    defer { database.close() }
    return try body(database)
  }
}

extension Snapshot {
  /// True if everything but the provenance is equal.
  func sameFacts(as other: Snapshot) -> Bool {
    dates == other.dates && regions == other.regions && metrics == other.metrics
      && regions.indices.allSatisfy { region in
        metrics.indices.allSatisfy { metric in series(region: region, metric: metric) == other.series(region: region, metric: metric) }
      }
  }
}

/// Creates a `netflix_raw` as netflix-consumer does, filled from a CSV of this dataset.
func landRows(_ data: SampleDataset, _ connection: PostgresConnection, table: String = "netflix_raw") throws {
  let columns = data.resource.fields.map { field in
    let type =
      switch field.type {
      case .integer: "bigint"
      case .number: "numeric"
      case .date: "date"
      case .boolean: "boolean"
      default: "text"
      }
    return "\"\(field.column)\" \(type)"
  }
  let key = data.resource.primaryKey.map { data.resource.fields[$0].column }
  try connection.execute(
    """
    CREATE TABLE \(table) (\(columns.joined(separator: ", ")), kafka_topic text, kafka_partition int, kafka_offset bigint,
    landed_at timestamptz NOT NULL DEFAULT now()\(key.isEmpty ? "" : ", PRIMARY KEY (\(key.joined(separator: ", ")))"))
    """)
  var offset = 0
  try data.rows.forEachRow { row, _ in
    let values: [PostgresParameter] = row.cells.map { cell in
      switch cell.kind {
      case .null: .null
      case .date: .text(Day(cell.payload).iso)
      case .decimal: .text(FixedDecimal(unscaled: cell.payload, scale: Int(cell.scale)).text)
      case .text: .text(String(decoding: row.text[cell.range], as: UTF8.self))
      default: .text(String(cell.payload))
      }
    }
    let marks = (1...values.count).map { "$\($0)" }.joined(separator: ", ")
    try connection.query("INSERT INTO \(table) VALUES (\(marks), 'netflix', 0, \(offset))", parameters: values)
    offset += 1
  }
}

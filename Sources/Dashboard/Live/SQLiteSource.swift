import Dataset
import Glibc
import SQLite
import SystemIO
import Warehouse

/// A SQLite file made by `netflix etl`. It is reloaded when it changes, and reopened when it is replaced by another file.
final class SQLiteSource: DataSource {
  private let database: SQLiteDatabase
  private let resource: Resource
  private let identity: Identity?
  private var version: Int64

  private struct Identity: Equatable {
    let device: dev_t
    let file: ino_t
  }

  /// The file was deleted or replaced; this connection would still read the old file.
  struct Replaced: Error, CustomStringConvertible {
    let file: String
    var description: String { "\(file) was replaced or deleted" }
  }

  init(_ file: String, resource: Resource) throws(SQLiteError) {
    database = try SQLiteDatabase(file, .readOnly)
    self.resource = resource
    identity = Self.identity(of: file)
    version = try database.dataVersion()
  }

  var store: SourceInfo { SourceInfo(kind: .sqlite, place: database.file) }

  func read() throws -> LoadedData {
    let rows = try Snapshot(warehouse: database, resource: resource)
    return LoadedData(rows: rows, quality: QualityReport(resource: resource, snapshot: rows, provenance: rows.provenance))
  }

  func waitForChange(_ stop: WakeupPipe) throws -> Bool {
    stop.wait(.milliseconds(500))
    guard Self.identity(of: database.file) == identity else { throw Replaced(file: database.file) }
    let now = try database.dataVersion()
    defer { version = now }
    return now != version
  }

  func close() { database.close() }

  private static func identity(of file: String) -> Identity? {
    var status = stat()
    return stat(file, &status) == 0 ? Identity(device: status.st_dev, file: status.st_ino) : nil
  }
}

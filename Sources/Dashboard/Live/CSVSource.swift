import Dataset
import Foundation
import SystemIO
import Warehouse

/// The rows of a CSV file, reloaded when the file changes.
final class CSVSource: DataSource {
  private let file: String
  private let resource: Resource
  private var stamp: Stamp?

  /// The attributes that show whether a file has changed, without reading it.
  private struct Stamp: Equatable {
    let modified: Date
    let size: UInt64
    let file: UInt64
    let type: FileAttributeType
  }

  init(_ file: String, resource: Resource) {
    self.file = file
    self.resource = resource
  }

  var store: SourceInfo { SourceInfo(kind: .csv, place: file) }

  func read() throws -> LoadedData {
    stamp = Self.stamp(of: file)
    // A folder is not a CSV, and a pipe without a writer would block the dashboard and its shutdown permanently.
    if let stamp, stamp.type != .typeRegular {
      throw WarehouseError(
        .missing, "\(file) is \(stamp.type == .typeDirectory ? "a folder, not a CSV" : "not a regular file, so it cannot be read again")")
    }
    guard let input = FileHandle(forReadingAtPath: file) else { throw WarehouseError(.missing, "\(file) cannot be read") }
    defer { try? input.close() }
    var builder = try SnapshotBuilder(resource)
    var checks = RowChecks(resource)
    var count = 0
    let rows = CSVRows(resource: resource, file: file) { buffer in
      guard let data = try input.read(upToCount: buffer.count) else { return 0 }
      buffer.replaceSubrange(..<data.count, with: data)
      return data.count
    }
    try rows.forEachRow { row, line in
      try builder.add(row)
      checks.add(row, line: line)
      count += 1
    }
    let provenance = Provenance(kind: .csv, location: file, rows: count, time: stamp.map { $0.modified.formatted(.iso8601) })
    let snapshot = builder.finish(provenance: provenance)
    return LoadedData(
      rows: snapshot, quality: QualityReport(resource: resource, snapshot: snapshot, rows: checks.finish(), provenance: provenance))
  }

  func waitForChange(_ stop: WakeupPipe) throws -> Bool {
    stop.wait(.milliseconds(500))
    guard Self.stamp(of: file) != stamp else { return false }
    // A program may still be writing it.
    stop.wait(.milliseconds(100))
    return true
  }

  func close() {}

  private static func stamp(of file: String) -> Stamp? {
    // The target of a symbolic link: that is the file that changes.
    let file = URL(fileURLWithPath: file).resolvingSymlinksInPath().path
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: file) else { return nil }
    return Stamp(
      modified: attributes[.modificationDate] as? Date ?? .distantPast, size: attributes[.size] as? UInt64 ?? 0,
      file: attributes[.systemFileNumber] as? UInt64 ?? 0, type: attributes[.type] as? FileAttributeType ?? .typeUnknown)
  }
}

import Console
import Dataset
import Warehouse

/// A CSV that is being read, with its progress. A class, because the reader stores closures that use it.
final class CSVFile {
  private let file: InputFile
  private var bar: ProgressBar
  private let size: Int?
  private let log: Log
  /// Rejected records, if they do not end the reading.
  private(set) var rejectedRows: [RejectedRow] = []

  /// Throws ``CommandError`` 66 if the file cannot be read.
  init(_ path: String, log: Log) throws {
    file = try InputFile(path, what: "CSV")
    size = file.size
    self.log = log
    bar = ProgressBar("rows", log: log)
  }

  var name: String { file.name }

  /// - Parameter collectRejects: continue after a rejected record and collect it; else it ends the reading.
  func rows(_ resource: Resource, collectRejects: Bool) -> CSVRows {
    CSVRows(
      resource: resource, file: file.name, read: { try self.read(into: &$0) },
      onReject: collectRejects ? { self.rejectedRows.append($0) } : nil,
      onBlank: { [name, log] in log.info(RowReader.blankNote($0, source: name)) },
      progress: { self.update(rows: $0, bytes: $1) })
  }

  private func read(into buffer: inout [UInt8]) throws -> Int { try file.read(into: &buffer) }

  private func update(rows: Int, bytes: Int) {
    bar.update(done: rows, fraction: size.flatMap { $0 > 0 ? Double(bytes) / Double($0) : nil })
  }
}

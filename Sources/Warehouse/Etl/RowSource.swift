import Dataset

/// Rows of a CSV, pulled one by one.
package protocol RowSource: AnyObject {
  /// The description of the rows.
  var resource: Resource { get }
  /// The file name that `etl_source` records.
  var sourceName: String { get }
  /// Calls `body` for each row, with the line where it begins. The row is reused: `body` must not keep it. Throws an error of reading, or of `body`.
  func forEachRow(_ body: (_ row: Row, _ line: Int) throws -> Void) throws
}

/// The rows of a CSV, read by Dataset's RowReader. By default the first rejected row throws `.data` with its location.
package final class CSVRows: RowSource {
  /// The description of the rows.
  package let resource: Resource
  /// The CSV's name.
  package let sourceName: String
  private var reader: RowReader
  /// Called from time to time with the rows and bytes read so far.
  private let progress: (Int, Int) -> Void
  /// Called for each rejected row; if nil, the first one is thrown.
  private let onReject: ((RejectedRow) -> Void)?
  /// Called at the end with the number of skipped rows of empty cells, if there were any.
  private let onBlank: (Int) -> Void

  /// Creates a source; reading starts with `forEachRow`.
  /// - Parameters:
  ///   - file: the CSV's name, for messages and `etl_source`.
  ///   - read: see ``RowReader``.
  package init(
    resource: Resource, file: String, read: @escaping (inout [UInt8]) throws -> Int, onReject: ((RejectedRow) -> Void)? = nil,
    onBlank: @escaping (Int) -> Void = { _ in }, progress: @escaping (_ rows: Int, _ bytes: Int) -> Void = { _, _ in }
  ) {
    self.resource = resource
    sourceName = file
    self.progress = progress
    self.onReject = onReject
    self.onBlank = onBlank
    reader = RowReader(resource: resource, source: file, read: read)
  }

  /// Reads the CSV to its end. Throws DatasetError, the error of `read`, or that of `body`.
  package func forEachRow(_ body: (_ row: Row, _ line: Int) throws -> Void) throws {
    var row = Row()
    var count = 0
    var blank = 0
    while true {
      switch try reader.next(into: &row) {
      case .end:
        progress(count, reader.bytesRead)
        if blank > 0 { onBlank(blank) }
        return
      case .rejected(let rejected):
        guard let onReject else {
          throw DatasetError(
            .data, rejected.reason.text, file: sourceName, line: rejected.line, column: rejected.column, hint: "fix or remove the row")
        }
        onReject(rejected)
      case .blank:
        blank += 1
      case .row:
        try body(row, reader.line)
        count += 1
        if count & 0xfff == 0 { progress(count, reader.bytesRead) }
      }
    }
  }
}

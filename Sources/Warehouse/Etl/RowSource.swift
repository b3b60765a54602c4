import Dataset

/// Rows of a CSV, pulled one by one.
public protocol RowSource: AnyObject {
  var resource: Resource { get }
  /// What the rows are called in `etl_source`: the file.
  var place: String { get }
  /// Calls `body` for each row, with the line it begins at. The row is used again: `body` keeps none of it.
  func forEachRow(_ body: (_ row: Row, _ line: Int) throws -> Void) throws
}

/// The rows of a CSV through Dataset's reader; a row that is none ends the reading, as `.data` with its place.
public final class CSVRows: RowSource {
  public let resource: Resource
  public let place: String
  private var reader: RowReader
  /// Told now and then: rows so far, bytes read so far.
  private let progress: (Int, Int) -> Void
  /// Told of a bad row; nil: the first one is thrown.
  private let onBad: ((RejectedRow) -> Void)?
  /// Called at the end with how many rows of empty cells were skipped, if there were any.
  private let onBlank: (Int) -> Void

  /// - Parameters:
  ///   - file: the CSV's name, for messages and `etl_source`.
  ///   - read: see ``RowReader``.
  public init(
    resource: Resource, file: String, read: @escaping (inout [UInt8]) throws -> Int, onBad: ((RejectedRow) -> Void)? = nil,
    onBlank: @escaping (Int) -> Void = { _ in }, progress: @escaping (_ rows: Int, _ bytes: Int) -> Void = { _, _ in }
  ) {
    self.resource = resource
    self.place = file
    self.progress = progress
    self.onBad = onBad
    self.onBlank = onBlank
    reader = RowReader(resource: resource, source: file, read: read)
  }

  public func forEachRow(_ body: (_ row: Row, _ line: Int) throws -> Void) throws {
    var row = Row()
    var count = 0
    var blank = 0
    while true {
      switch try reader.next(into: &row) {
      case .end:
        progress(count, reader.bytesRead)
        if blank > 0 { onBlank(blank) }
        return
      case .rejected(let bad):
        guard let onBad else {
          throw DatasetError(
            .data, bad.reason.text, file: place, line: bad.line, column: bad.column, advice: "fix the row, or take it out")
        }
        onBad(bad)
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

/// Reads a CSV as typed rows. Memory use depends on the longest record, not on the file.
///
/// Headers are matched with blanks folded; columns may be in any order. A row whose cells are all empty is reported as blank and does not count as a row.
/// Blank lines at the file's end are skipped; elsewhere a blank line is rejected (in a file of one column it is a blank row).
public struct RowReader {
  /// What `next` read.
  public enum Outcome: Sendable, Equatable {
    case row
    /// As many cells as columns, all empty: a spreadsheet writes a cleared row this way.
    case blank
    /// A rejected record. Reading can continue after it.
    case rejected(RejectedRow)
    case end
  }

  /// The description of the CSV.
  public let resource: Resource
  /// The file's name, for messages.
  public let source: String
  /// Headers of the file that the description does not declare; their cells are skipped. Empty until the header is read.
  public private(set) var ignoredHeaders: [String] = []
  /// 1-based line where the last record began.
  public internal(set) var line = 0

  var buffer: ChunkBuffer
  var splitter: RecordSplitter
  /// For each column of the file the index of its field, or -1.
  var fieldOfColumn: [Int] = []
  var readers: [CellParser] = []
  /// Nil if every record takes the general path.
  var quick: CSVFastPath?
  var scratch: [UInt8] = []
  var nextLine = 1
  var hasHeader = false
  /// True inside a run of blank lines that is known to be followed by a row.
  var isInBlankRun = false
  /// The last record in the buffer, including its line end.
  private var record = 0..<0
  let maximumRecordBytes: Int

  /// - Parameters:
  ///   - source: the file's name, for messages.
  ///   - maximumRecordBytes: a longer record throws, since most likely a quote is never closed.
  ///   - read: fills its array from the start, up to the array's count, and returns the number of bytes; 0 at the end of the file.
  public init(
    resource: Resource, source: String, maximumRecordBytes: Int = 16 << 20, read: @escaping (inout [UInt8]) throws -> Int
  ) {
    self.resource = resource
    self.source = source
    // Cells count their bytes in 32 bits.
    self.maximumRecordBytes = min(maximumRecordBytes, 1 << 30)
    buffer = ChunkBuffer(chunkSize: min(maximumRecordBytes, ChunkBuffer.chunkSize), read: read)
    splitter = RecordSplitter(resource.dialect)
    readers = resource.fields.indices.map { CellParser(field: resource.fields[$0], isKey: resource.primaryKey.contains($0)) }
  }

  /// A hint for converting a file in which this row is not UTF-8.
  public static func encodingAdvice(_ bad: RejectedRow, source: String) -> String {
    FileFormat.encodingAdvice(bad.original[...], file: source)
  }

  /// The log message about skipped blank rows.
  public static func blankNote(_ count: Int, source: String) -> String {
    "\(count) blank row\(count == 1 ? "" : "s") of \(source) \(count == 1 ? "was" : "were") skipped"
  }

  /// Bytes read from the file so far.
  public var bytesRead: Int { buffer.total }

  /// Reads and matches the header on the first call. Throws DatasetError, or the error that `read` threw.
  public mutating func readHeader() throws {
    if hasHeader { return }
    try buffer.readStart(file: source)
    if resource.dialect.hasHeader {
      let (columns, ignored) = try matchHeader()
      fieldOfColumn = columns
      ignoredHeaders = ignored
    } else {
      fieldOfColumn = Array(resource.fields.indices)
    }
    quick = CSVFastPath(resource, fieldOfColumn: fieldOfColumn)
    hasHeader = true
  }

  /// Reads the next record into `row`, whose memory is reused. Throws DatasetError if reading cannot continue, or the error that `read` threw.
  public mutating func next(into row: inout Row) throws -> Outcome {
    if !hasHeader { try readHeader() }
    if let quick {
      if row.cells.count != readers.count { row.clear(count: readers.count) }
      let behind = quick.read(buffer.bytes.span, from: buffer.start, into: &row, readers)
      if behind >= 0, behind - buffer.start <= maximumRecordBytes {
        line = nextLine
        nextLine += 1
        record = buffer.start..<behind
        buffer.start = behind
        isInBlankRun = false
        return .row
      }
    }
    guard let outcome = try splitNext() else { return .end }
    let first = buffer.start
    line = nextLine
    record = first..<splitter.next
    defer {
      buffer.start = splitter.next
      nextLine += lineEnds(first..<splitter.next)
    }
    if case .fault(let message, let at) = outcome { return .rejected(bad(RejectReason(.shape, message), at: at)) }
    if splitter.pieces.count == fieldOfColumn.count, splitter.pieces.allSatisfy(\.range.isEmpty) { return .blank }
    return type(into: &row)
  }

  /// The record that `next` last returned, as a rejected row, for a fault that is found only in its message. Call it before the next record is read.
  public func rejected(_ reason: RejectReason) -> RejectedRow {
    var original = buffer.bytes[record]
    while let last = original.last, last == 0x0A || last == 0x0D { original.removeLast() }
    return RejectedRow(line: line, column: 1, reason: reason, original: Array(original))
  }
}

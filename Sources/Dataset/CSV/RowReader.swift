/// Reads a CSV as typed rows, in memory that follows the longest record and not the file.
///
/// Headers are matched with blanks folded; columns may stand in any order. Blank lines at the file's end are passed over, one in its midst is
/// a bad row (in a file of one column it is a row without a value).
public struct RowReader {
  public enum Outcome: Sendable, Equatable {
    case row
    /// Set aside or stop: the reader goes on behind it either way.
    case bad(BadRow)
    case end
  }

  public let resource: Resource
  /// The file's name, for messages.
  public let source: String
  /// Headers of the file that the description does not know, once the header is read: their cells are passed over.
  public private(set) var ignoredHeaders: [String] = []
  /// 1-based line where the last record began.
  public internal(set) var line = 0

  var buffer: ChunkBuffer
  var splitter: RecordSplitter
  /// For each column of the file the index of its field, or -1.
  var fieldOfColumn: [Int] = []
  var readers: [CellReader] = []
  /// Nil: every record goes the general way.
  var quick: QuickRecord?
  var scratch: [UInt8] = []
  var nextLine = 1
  var hasHeader = false
  /// Inside a run of blank lines of which it is known that a row follows.
  var isInBlankRun = false
  let maximumRecordBytes: Int

  /// - Parameters:
  ///   - source: the file's name, for messages.
  ///   - maximumRecordBytes: a longer record ends the reading: most likely a quote is never closed.
  ///   - read: fills its array, whose count is the room there is, from the start and returns how many bytes it put there; 0 at the end.
  public init(
    resource: Resource, source: String, maximumRecordBytes: Int = 16 << 20, read: @escaping (inout [UInt8]) throws -> Int
  ) {
    self.resource = resource
    self.source = source
    // Cells count their bytes in 32 bits.
    self.maximumRecordBytes = min(maximumRecordBytes, 1 << 30)
    buffer = ChunkBuffer(chunkSize: min(maximumRecordBytes, ChunkBuffer.chunkSize), read: read)
    splitter = RecordSplitter(resource.dialect)
    readers = resource.fields.indices.map { CellReader(field: resource.fields[$0], isKey: resource.primaryKey.contains($0)) }
  }

  /// Bytes read from the file so far.
  public var bytesRead: Int { buffer.total }

  /// Reads and matches the header, if that has not been done. Throws DatasetError, or what reading threw.
  public mutating func readHeader() throws {
    if hasHeader { return }
    try skipByteOrderMark()
    if resource.dialect.hasHeader {
      let (columns, ignored) = try matchHeader()
      fieldOfColumn = columns
      ignoredHeaders = ignored
    } else {
      fieldOfColumn = Array(resource.fields.indices)
    }
    quick = QuickRecord(resource, fieldOfColumn: fieldOfColumn)
    hasHeader = true
  }

  /// Reads the next record into `row`, whose memory is used again. Throws DatasetError where reading cannot go on, or what reading threw.
  public mutating func next(into row: inout Row) throws -> Outcome {
    if !hasHeader { try readHeader() }
    if let quick {
      if row.cells.count != readers.count { row.clear(count: readers.count) }
      let behind = quick.read(buffer.bytes.span, from: buffer.start, into: &row, readers)
      if behind >= 0, behind - buffer.start <= maximumRecordBytes {
        line = nextLine
        nextLine += 1
        buffer.start = behind
        isInBlankRun = false
        return .row
      }
    }
    guard let outcome = try splitNext() else { return .end }
    let first = buffer.start
    line = nextLine
    defer {
      buffer.start = splitter.next
      nextLine += lineEnds(first..<splitter.next)
    }
    if case .fault(let message, let at) = outcome { return .bad(bad(RejectReason(.shape, message), at: at)) }
    return type(into: &row)
  }
}

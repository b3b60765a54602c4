import Support

/// Reads a CSV as typed rows. Memory use depends on the longest record, not on the file.
///
/// Headers are matched with blanks folded; columns may be in any order. A row whose cells are all empty is reported as blank and does not count as a row.
/// Blank lines at the file's end are skipped; elsewhere a blank line is rejected (in a file of one column it is a blank row).
package struct RowReader {
  /// What `next` read.
  package enum Outcome: Sendable, Equatable {
    case row
    /// As many cells as columns, all empty: a spreadsheet writes a cleared row this way.
    case blank
    /// A rejected record. Reading can continue after it.
    case rejected(RejectedRow)
    case end
  }

  /// The description of the CSV.
  package let resource: Resource
  /// The file's name, for messages.
  package let source: String
  /// Headers of the file that the description does not declare; their cells are skipped. Empty until the header is read.
  package private(set) var ignoredHeaders: [String] = []
  /// 1-based line where the last record began.
  package internal(set) var line = 0

  var buffer: ChunkBuffer
  var splitter: RecordSplitter
  /// For each column of the file the index of its field, or -1.
  var fieldOfColumn: [Int] = []
  var parsers: [CellParser] = []
  /// Nil if every record takes the general path.
  var fastPath: CSVFastPath?
  var scratch: [UInt8] = []
  var nextLine = 1
  var hasHeader = false
  /// True inside a run of blank lines that is known to be followed by a row.
  var isInBlankRun = false
  /// The last record in the buffer, including its line end.
  private var record = 0..<0
  let maxRecordBytes: Int

  /// - Parameters:
  ///   - source: the file's name, for messages.
  ///   - maxRecordBytes: a longer record throws, since most likely a quote is never closed.
  ///   - read: fills its array from the start, up to the array's count, and returns the number of bytes; 0 at the end of the file.
  package init(
    resource: Resource, source: String, maxRecordBytes: Int = 16 << 20, read: @escaping (inout [UInt8]) throws -> Int
  ) {
    self.resource = resource
    self.source = source
    // Cells count their bytes in 32 bits.
    self.maxRecordBytes = min(maxRecordBytes, 1 << 30)
    buffer = ChunkBuffer(chunkSize: min(maxRecordBytes, ChunkBuffer.chunkSize), read: read)
    splitter = RecordSplitter(resource.dialect)
    parsers = resource.fields.indices.map { CellParser(field: resource.fields[$0], isKey: resource.primaryKey.contains($0)) }
  }

  /// A hint for converting a file in which this row is not UTF-8.
  package static func encodingHint(_ rejected: RejectedRow, source: String) -> String {
    FileFormat.encodingHint(rejected.original[...], file: source)
  }

  /// The log message about skipped blank rows.
  package static func blankNote(_ count: Int, source: String) -> String {
    "\(counted(count, "blank row")) of \(source) \(count == 1 ? "was" : "were") skipped"
  }

  /// Bytes read from the file so far.
  package var bytesRead: Int { buffer.total }

  /// Reads and matches the header on the first call. Throws DatasetError, or the error that `read` threw.
  package mutating func readHeader() throws {
    if hasHeader { return }
    try buffer.readStart(file: source)
    if resource.dialect.hasHeader {
      let (columns, ignored) = try matchHeader()
      fieldOfColumn = columns
      ignoredHeaders = ignored
    } else {
      fieldOfColumn = Array(resource.fields.indices)
    }
    fastPath = CSVFastPath(resource, fieldOfColumn: fieldOfColumn)
    hasHeader = true
  }

  /// Reads the next record into `row`, whose memory is reused. Throws DatasetError if reading cannot continue, or the error that `read` threw.
  package mutating func next(into row: inout Row) throws -> Outcome {
    if !hasHeader { try readHeader() }
    if let fastPath {
      if row.cells.count != parsers.count { row.clear(count: parsers.count) }
      let end = fastPath.read(buffer.bytes.span, from: buffer.start, into: &row, parsers)
      if end >= 0, end - buffer.start <= maxRecordBytes {
        line = nextLine
        nextLine += 1
        record = buffer.start..<end
        buffer.start = end
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
    if case .fault(let message, let at) = outcome { return .rejected(rejectedRow(RejectReason(.shape, message), at: at)) }
    if splitter.slices.count == fieldOfColumn.count, splitter.slices.allSatisfy(\.range.isEmpty) { return .blank }
    return parseCells(into: &row)
  }

  /// The record that `next` last returned, as a rejected row, for a fault that is found only in its message. Call it before the next record is read.
  package func rejected(_ reason: RejectReason) -> RejectedRow {
    var original = buffer.bytes[record]
    while let last = original.last, last == 0x0A || last == 0x0D { original.removeLast() }
    return RejectedRow(line: line, column: 1, reason: reason, original: Array(original))
  }
}

extension RowReader {
  /// For each column of the file the index of its field or -1, and the headers without a field.
  mutating func matchHeader() throws -> (columns: [Int], ignored: [String]) {
    guard let outcome = try splitNext() else {
      throw DatasetError(
        .data, "the file is empty", file: source, line: 1, column: 1,
        hint: "its first line must be the header: \(resource.fields.map(\.header).joined(separator: ", "))")
    }
    line = nextLine
    if case .fault(let message, let at) = outcome { throw headerFault(message, at: at) }
    if let at = UTF8Check.firstInvalidByte(in: buffer.bytes.span, buffer.start..<splitter.end) {
      throw headerFault(
        "a byte that is not UTF-8", at: at, hint: FileFormat.encodingHint(buffer.bytes[buffer.start..<splitter.end], file: source))
    }
    if let fault = FileFormat.separatorLine(buffer.bytes[buffer.start..<splitter.end], file: source) { throw fault }
    let wanted = resource.fields.map { resource.dialect.normalizedHeader($0.header) }
    var columns: [Int] = []
    var ignored: [String] = []
    var seen: Set<String> = []
    for slice in splitter.slices {
      let header = text(of: slice)
      let folded = resource.dialect.normalizedHeader(header)
      if !folded.isEmpty, !seen.insert(folded).inserted {
        throw headerFault("the column \"\(folded)\" appears twice", at: slice.cellStart, hint: "rename one")
      }
      let field = wanted.firstIndex(of: folded)
      if field == nil {
        if resource.dialect.headerMatch != .subset {
          throw headerFault(
            "the column \"\(folded)\" is not described", at: slice.cellStart, hint: "describe it, or set fieldsMatch to subset")
        }
        ignored.append(Field.trimmed(header))
      }
      if resource.dialect.headerMatch == .exact, field != columns.count {
        throw headerFault(
          "the column \"\(folded)\" is not in the description's order", at: slice.cellStart,
          hint: "set fieldsMatch to equal, which allows any")
      }
      columns.append(field ?? -1)
    }
    let missing = resource.fields.indices.filter { !columns.contains($0) }.map { "\"\(resource.fields[$0].header)\"" }
    if !missing.isEmpty {
      let hint = try misplacedHeaderHint(wanted)
      let what = missing.count == 1 ? "the column \(missing[0]) is missing" : "the columns \(missing.joined(separator: ", ")) are missing"
      let unknown = ignored.filter { !$0.isEmpty }.prefix(8).map { "\"\(UTF8Check.excerpt(Array($0.utf8).span, 0..<$0.utf8.count))\"" }
      throw headerFault(
        what, at: buffer.start,
        hint: hint
          ?? (unknown.isEmpty
            ? "add it, or describe the file as it is"
            : "the file contains undeclared columns: \(unknown.joined(separator: ", "))"))
    }
    nextLine += lineEnds(buffer.start..<splitter.next)
    buffer.start = splitter.next
    return (columns, ignored)
  }

  /// A hint for a header that is below a title or uses another delimiter than described; nil if neither is the case.
  private mutating func misplacedHeaderHint(_ wanted: [String]) throws -> String? {
    for delimiter in Dialect.delimiters where delimiter != resource.dialect.delimiter {
      var dialect = resource.dialect
      dialect.delimiter = delimiter
      if let headers = headers(dialect, from: buffer.start)?.names, wanted.allSatisfy(headers.contains) {
        let quoted = delimiter == 0x09 ? "\\t" : String(decoding: [delimiter], as: UTF8.self)
        return "the file has another delimiter: set \"dialect\": {\"delimiter\": \"\(quoted)\"} in the description"
      }
    }
    // A title has at most a few lines.
    var at = splitter.next
    var below = line + lineEnds(buffer.start..<at)
    for _ in 0..<20 {
      guard let (names, next) = headers(resource.dialect, from: at) else { return nil }
      if wanted.allSatisfy(names.contains) {
        return "the header is in line \(below); remove the lines above it: \(FileFormat.command("tail -n +\(below)", source))"
      }
      below += lineEnds(at..<next)
      at = next
    }
    return nil
  }

  /// The record at `start` as folded headers, and the offset of the next record; nil if it ends beyond the bytes in memory.
  private func headers(_ dialect: Dialect, from start: Int) -> (names: [String], next: Int)? {
    var splitter = RecordSplitter(dialect)
    guard start < buffer.bytes.count, splitter.split(buffer.bytes.span, from: start, isLast: buffer.isLast) == .record else { return nil }
    return (splitter.slices.map { dialect.normalizedHeader(String(decoding: buffer.bytes[$0.range], as: UTF8.self)) }, splitter.next)
  }

  private mutating func text(of slice: RecordSplitter.FieldSlice) -> String {
    if slice.hasQuotes {
      unescape(slice.range)
      return String(decoding: scratch, as: UTF8.self)
    }
    return String(decoding: buffer.bytes[slice.range], as: UTF8.self)
  }

  private func headerFault(_ message: String, at: Int, hint: String? = nil) -> DatasetError {
    let row = rejectedRow(RejectReason(.shape, message), at: at)
    return DatasetError(.data, "header: \(message)", file: source, line: row.line, column: row.column, hint: hint)
  }
}

extension RowReader {
  /// Splits the next record that is neither a comment nor a blank line at the end; nil at the end.
  mutating func splitNext() throws -> RecordSplitter.Outcome? {
    while true {
      if buffer.pending == 0 {
        if buffer.isLast { return nil }
        try buffer.fill()
        continue
      }
      if let comment = resource.dialect.comment, buffer.bytes[buffer.start] == comment {
        try skipLine()
        continue
      }
      let outcome = split()
      if outcome == .more {
        guard buffer.pending <= maxRecordBytes else { throw tooLong() }
        try buffer.fill()
        continue
      }
      if splitter.end - buffer.start > maxRecordBytes { throw tooLong() }
      if splitter.end > buffer.start {
        isInBlankRun = false
      } else if !isInBlankRun {
        if try skipBlankEnd() { return nil }
        isInBlankRun = true
      }
      return outcome
    }
  }

  /// Splits the current record. The copy is a reference; it is released before the buffer is filled again.
  private mutating func split() -> RecordSplitter.Outcome {
    let bytes = buffer.bytes
    return splitter.split(bytes.span, from: buffer.start, isLast: buffer.isLast)
  }

  /// At a blank line: true if only blank lines follow; they are then consumed.
  private mutating func skipBlankEnd() throws -> Bool {
    var at = buffer.start
    while true {
      while at < buffer.bytes.count, buffer.bytes[at] == 0x0A || buffer.bytes[at] == 0x0D { at += 1 }
      if at < buffer.bytes.count { break }
      if buffer.isLast {
        buffer.start = at
        return true
      }
      let seen = at - buffer.start
      guard buffer.pending <= maxRecordBytes else { throw tooLong() }
      try buffer.fill()
      at = buffer.start + seen
    }
    // The buffer may have moved.
    _ = split()
    return false
  }

  /// Skips a comment, which ends with its line even if it contains quotes.
  private mutating func skipLine() throws {
    var at = buffer.start
    while true {
      while at < buffer.bytes.count, buffer.bytes[at] != 0x0A, buffer.bytes[at] != 0x0D { at += 1 }
      if at + 1 < buffer.bytes.count || buffer.isLast { break }
      let seen = at - buffer.start
      guard buffer.pending <= maxRecordBytes else { throw tooLong() }
      try buffer.fill()
      at = buffer.start + seen
    }
    buffer.start = at < buffer.bytes.count ? RecordSplitter.lineEnd(buffer.bytes.span, at) : at
    nextLine += 1
  }

  private func tooLong() -> DatasetError {
    DatasetError(
      .data, "a record of more than \(maxRecordBytes) bytes begins here", file: source, line: nextLine, column: 1,
      hint: "most likely a quote in it is never closed")
  }

  func lineEnds(_ range: Range<Int>) -> Int { RecordSplitter.lineEnds(buffer.bytes.span, range) }

  /// The current record as a rejected row, with its fault at byte `at`.
  func rejectedRow(_ reason: RejectReason, at: Int) -> RejectedRow {
    let bytes = buffer.bytes.span
    let before = buffer.start..<at
    var start = buffer.start
    for index in before where bytes[index] == 0x0A || bytes[index] == 0x0D { start = index + 1 }
    return RejectedRow(
      line: line + lineEnds(before), column: UTF8Check.scalarCount(in: bytes, start..<at) + 1, reason: reason,
      original: Array(buffer.bytes[buffer.start..<max(buffer.start, splitter.end)]))
  }
}

extension RowReader {
  /// Parses the current record, cell by cell.
  mutating func parseCells(into row: inout Row) -> Outcome {
    let record = buffer.start..<splitter.end
    if let fault = UTF8Check.firstInvalidByte(in: buffer.bytes.span, record) {
      return .rejected(
        rejectedRow(RejectReason(.invalidUTF8, "a byte that is not UTF-8 (0x\(String(buffer.bytes[fault], radix: 16)))"), at: fault))
    }
    let slices = splitter.slices
    guard slices.count == fieldOfColumn.count else { return .rejected(fieldCountMismatch(slices)) }
    row.clear(count: parsers.count)
    for (column, slice) in slices.enumerated() {
      let field = fieldOfColumn[column]
      if field < 0 { continue }
      do throws(RejectReason) {
        if slice.hasQuotes {
          unescape(slice.range)
          row.cells[field] = try parsers[field].parse(scratch.span, 0..<scratch.count, into: &row.text)
        } else {
          row.cells[field] = try parsers[field].parse(buffer.bytes.span, slice.range, into: &row.text)
        }
      } catch {
        return .rejected(rejectedRow(error, at: slice.cellStart))
      }
    }
    return .row
  }

  /// Writes the cell of `range` to `scratch`, with each doubled quote as one.
  mutating func unescape(_ range: Range<Int>) {
    scratch.removeAll(keepingCapacity: true)
    let bytes = buffer.bytes
    var at = range.lowerBound
    while at < range.upperBound {
      scratch.append(bytes[at])
      at += bytes[at] == splitter.quote ? 2 : 1
    }
  }

  private func fieldCountMismatch(_ slices: [RecordSplitter.FieldSlice]) -> RejectedRow {
    let wanted = fieldOfColumn.count
    if splitter.end == buffer.start { return rejectedRow(RejectReason(.shape, "a blank line"), at: buffer.start) }
    let cells = "\(counted(slices.count, "cell")), and the header has \(wanted)"
    if slices.count > wanted { return rejectedRow(RejectReason(.shape, "too long: \(cells)"), at: slices[wanted].cellStart) }
    return rejectedRow(RejectReason(.shape, "too short: \(cells)"), at: splitter.end)
  }
}

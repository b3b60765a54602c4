/// Finds one record of a CSV and its cells (RFC 4180, with line ends LF, CRLF or CR).
struct RecordSplitter {
  /// The position of a cell's text, without the quotes around it.
  struct FieldSlice: BitwiseCopyable {
    var start: Int
    var end: Int
    /// Offset of the cell, including its opening quote.
    var cellStart: Int
    /// True if the text contains doubled quotes.
    var hasQuotes: Bool

    var range: Range<Int> { start..<end }
  }

  enum Outcome: Equatable {
    case record
    /// The record continues beyond the available bytes.
    case more
    /// The record is not valid CSV: the reason and the byte offset.
    case fault(String, at: Int)
  }

  let delimiter: UInt8
  let quote: UInt8?
  let skipsSpace: Bool

  /// The cells of the last record.
  private(set) var slices: [FieldSlice] = []
  /// Offset after the last byte of the record, before its line end.
  private(set) var end = 0
  /// Offset of the next record.
  private(set) var next = 0

  init(_ dialect: Dialect) {
    delimiter = dialect.delimiter
    quote = dialect.quote
    skipsSpace = dialect.skipInitialSpace
  }

  /// Splits the record that begins at `start`, which lies inside `bytes`.
  /// - Parameter isLast: true if nothing follows `bytes`.
  mutating func split(_ bytes: Span<UInt8>, from start: Int, isLast: Bool) -> Outcome {
    slices.removeAll(keepingCapacity: true)
    var at = start
    var fault: (String, Int)?
    while true {
      if skipsSpace { while at < bytes.count, bytes[at] == 0x20 { at += 1 } }
      var slice = FieldSlice(start: at, end: at, cellStart: at, hasQuotes: false)
      if at < bytes.count, let quote, bytes[at] == quote {
        at += 1
        slice.start = at
        guard close(quote, bytes, &at, &slice) else {
          if !isLast { return .more }
          end = bytes.count
          next = bytes.count
          return .fault("a quote is opened here and never closed", at: slice.cellStart)
        }
        let quoteEnd = at
        skipUnquoted(bytes, &at)
        if at > quoteEnd, fault == nil { fault = ("text after a closing quote (a quote inside quotes is written as two)", quoteEnd) }
      } else {
        skipUnquoted(bytes, &at)
        slice.end = at
      }
      slices.append(slice)
      guard at < bytes.count else {
        if !isLast { return .more }
        end = at
        next = at
        break
      }
      if bytes[at] == delimiter {
        at += 1
        continue
      }
      // A CR at the end of the available bytes may be half of a CRLF.
      if bytes[at] == 0x0D, at + 1 == bytes.count, !isLast { return .more }
      end = at
      next = Self.lineEnd(bytes, at)
      break
    }
    if let fault { return .fault(fault.0, at: fault.1) }
    return .record
  }

  /// The number of line ends in `range`.
  static func lineEnds(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
    var count = 0
    for index in range {
      let byte = bytes[index]
      if byte == 0x0A {
        count += 1
      } else if byte == 0x0D, index + 1 == bytes.count || bytes[index + 1] != 0x0A {
        count += 1
      }
    }
    return count
  }

  /// The offset after the line end at `at`.
  static func lineEnd(_ bytes: Span<UInt8>, _ at: Int) -> Int {
    bytes[at] == 0x0D && at + 1 < bytes.count && bytes[at + 1] == 0x0A ? at + 2 : at + 1
  }

  private func skipUnquoted(_ bytes: Span<UInt8>, _ at: inout Int) {
    while at < bytes.count {
      let byte = bytes[at]
      if byte == delimiter || byte == 0x0A || byte == 0x0D { return }
      at += 1
    }
  }

  /// Advances past the quote that closes the cell.
  private func close(_ quote: UInt8, _ bytes: Span<UInt8>, _ at: inout Int, _ slice: inout FieldSlice) -> Bool {
    while at < bytes.count {
      if bytes[at] != quote {
        at += 1
      } else if at + 1 < bytes.count, bytes[at + 1] == quote {
        slice.hasQuotes = true
        at += 2
      } else {
        // At the end of the available bytes the caller finds no delimiter and reads more: this quote is then scanned again with the byte after it.
        slice.end = at
        at += 1
        return true
      }
    }
    return false
  }
}

/// The part of a file that is in memory: bytes that were read and not yet consumed. Its size depends on the longest record, not on the file.
struct ChunkBuffer {
  private(set) var bytes: [UInt8] = []
  /// The first byte not yet consumed.
  var start = 0
  /// True if nothing follows `bytes`.
  private(set) var isLast = false
  /// Bytes read so far.
  private(set) var total = 0
  private var chunk: [UInt8]
  private let read: (inout [UInt8]) throws -> Int

  static let chunkSize = 256 << 10

  init(chunkSize: Int = Self.chunkSize, read: @escaping (inout [UInt8]) throws -> Int) {
    self.read = read
    chunk = Array(repeating: 0, count: max(1, chunkSize))
  }

  var pending: Int { bytes.count - start }

  /// Reads the file's start, skips a byte-order mark, and throws `DatasetError` if the file is not UTF-8 text.
  ///
  /// Waits for no more bytes than the header line needs: a pipe may have sent only that line so far.
  mutating func readStart(file: String) throws {
    func hasLine() -> Bool { bytes.drop { $0 <= 0x20 }.contains(0x0A) && bytes.count { $0 > 0x20 } > 1 }
    while pending < FileFormat.maxMagicBytes, !hasLine(), !isLast { try fill() }
    // The names in a zip file come after its first bytes.
    if bytes.starts(with: FileFormat.zip) { while pending < 4096, !isLast { try fill() } }
    if let fault = FileFormat.formatError(bytes[...], file: file) { throw fault }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
  }

  /// Reads at least one more byte, or sets `isLast`. A long pending record doubles before it is scanned again, so that the work stays
  /// proportional to its length, however small the chunks of a pipe are.
  mutating func fill() throws {
    if start > 0 {
      bytes.removeSubrange(..<start)
      start = 0
    }
    let wanted = bytes.count < chunk.count ? 1 : bytes.count
    var gained = 0
    while gained < wanted, !isLast {
      let count = try read(&chunk)
      if count <= 0 {
        isLast = true
      } else {
        bytes.append(contentsOf: chunk[..<min(count, chunk.count)])
        gained += count
        total += count
      }
    }
  }
}

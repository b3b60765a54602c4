/// One row's typed values, in the order of the description's fields. A Row is reused for many records, so reading does not allocate in steady state.
package struct Row: Sendable {
  /// One cell per field of the description.
  package var cells: [Cell]
  /// The bytes that cells of kind text and bigDecimal refer to.
  package var text: [UInt8]

  /// An empty row, to be filled by a reader.
  package init() {
    cells = []
    text = []
  }

  /// A row of these cells, which refer to `text`.
  package init(cells: [Cell], text: [UInt8] = []) {
    self.cells = cells
    self.text = text
  }

  /// Prepares for the next row of `count` fields and keeps the memory. The caller must then set every cell.
  mutating func clear(count: Int) {
    if cells.count != count { cells = Array(repeating: .null, count: count) }
    text.removeAll(keepingCapacity: true)
  }
}

extension Row: Equatable {
  /// True for equal kinds and equal values with the same digits (16 and 16.0 differ).
  package static func == (left: Row, right: Row) -> Bool {
    guard left.cells.count == right.cells.count else { return false }
    for (mine, other) in zip(left.cells, right.cells) {
      guard mine.kind == other.kind, mine.payload == other.payload, mine.scale == other.scale, mine.count == other.count else {
        return false
      }
      if mine.count > 0, left.text[mine.range] != right.text[other.range] { return false }
    }
    return true
  }
}

extension Row {
  /// Appends the cell's value as text, in a form that SQL reads: a string unchanged, a date as ISO 8601, a number in digits; nothing for null. A number
  /// beyond 64 bits may have an exponent.
  package func appendText(of index: Int, to out: inout [UInt8]) {
    let cell = cells[index]
    out.append(addingCapacity: JSONWriter.maxByteCount(of: cell, in: text.span)) { (output: inout OutputSpan<UInt8>) in
      JSONWriter.writeText(cell, text.span, to: &output)
    }
  }

  /// The cell's value as text, or nil if it is null.
  package func string(at index: Int) -> String? {
    if cells[index].kind == .null { return nil }
    var bytes: [UInt8] = []
    appendText(of: index, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// One typed value of a row. Text and long decimals are stored in the row's `text`, all other values in the cell.
package struct Cell: BitwiseCopyable, Sendable, Equatable {
  /// The type of the value, and which properties hold it.
  package enum Kind: UInt8, Sendable, BitwiseCopyable {
    case null
    /// UTF-8 at `start..<start + count` of the row's text.
    case text
    /// `payload`.
    case integer
    /// `payload` × 10^-`scale`, scale 0...18. The source's digits are kept: 16.0 has scale 1.
    case decimal
    /// Digits (with a leading `-` if negative) at `start..<start + count` of the row's text, × 10^-`scale`. The scale may be negative.
    case bigDecimal
    /// `payload` is 0 or 1.
    case boolean
    /// `payload` is days since 1970-01-01.
    case date
    /// `payload` is microseconds since 1970-01-01T00:00:00Z.
    case datetime
    /// `payload` is microseconds since midnight.
    case time
    /// `payload` is the year.
    case year
  }

  /// The value, as its kind defines; 0 for text and null.
  package var payload: Int64
  /// Offset of the value's bytes in the row's text.
  package var start: Int32
  /// Number of the value's bytes in the row's text.
  package var count: Int32
  /// Decimal places of a decimal or bigDecimal.
  package var scale: Int32
  /// The type of the value.
  package var kind: Kind

  /// Creates a cell; the parameters are the properties above.
  @inlinable
  package init(_ kind: Kind, payload: Int64 = 0, scale: Int32 = 0, start: Int32 = 0, count: Int32 = 0) {
    self.payload = payload
    self.start = start
    self.count = count
    self.scale = scale
    self.kind = kind
  }

  /// The cell without a value.
  package static let null = Cell(.null)

  /// The range of its bytes in the row's text.
  @inlinable package var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}

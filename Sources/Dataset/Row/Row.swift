/// One row's typed values, in the order of the description's fields. A Row is reused for many records, so reading does not allocate in steady state.
public struct Row: Sendable {
  /// One cell per field of the description.
  public var cells: [Cell]
  /// The bytes that cells of kind text and bigDecimal refer to.
  public var text: [UInt8]

  /// An empty row, to be filled by a reader.
  public init() {
    cells = []
    text = []
  }

  /// A row of these cells, which refer to `text`.
  public init(cells: [Cell], text: [UInt8] = []) {
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
  public static func == (left: Row, right: Row) -> Bool {
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

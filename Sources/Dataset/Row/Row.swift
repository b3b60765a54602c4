/// One row's typed values, in the order of the description's fields. One Row is filled again and again: in steady state nothing is allocated.
public struct Row: Sendable {
  public var cells: [Cell]
  /// What cells of kind text and bigDecimal point into.
  public var text: [UInt8]

  public init() {
    cells = []
    text = []
  }

  public init(cells: [Cell], text: [UInt8] = []) {
    self.cells = cells
    self.text = text
  }

  /// Ready for the next row of `count` fields; keeps its memory. What its cells are is for the filler to say.
  mutating func clear(count: Int) {
    if cells.count != count { cells = Array(repeating: .null, count: count) }
    text.removeAll(keepingCapacity: true)
  }
}

extension Row: Equatable {
  /// Equal kinds and equal values, digits as written (16 and 16.0 differ).
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

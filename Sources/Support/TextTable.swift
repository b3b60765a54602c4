/// The cells of a text table, each filled with blanks to the width of its column.
public struct TextTable {
  /// The width of each column in characters.
  public let widths: [Int]
  /// The filled cells, row by row.
  public let rows: [[String]]

  /// - Parameters:
  ///   - rows: the cells; all rows have as many as the first.
  ///   - isRightAligned: whether the blanks of a column stand before the text.
  public init(_ rows: [[String]], isRightAligned: (Int) -> Bool) {
    let columns = rows.first?.indices ?? 0..<0
    let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let alignments = columns.map(isRightAligned)
    self.widths = widths
    self.rows = rows.map { row in
      columns.map { column in
        let blanks = String(repeating: " ", count: widths[column] - row[column].count)
        return alignments[column] ? blanks + row[column] : row[column] + blanks
      }
    }
  }

  /// A header and rows of which the first column is left-aligned and the others, the figures, are right-aligned.
  public init(figures rows: [[String]]) { self.init(rows) { $0 > 0 } }
}

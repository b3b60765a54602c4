import Console
import Support

/// A table that fits a terminal: numbers are right-aligned, and columns that do not fit the width are omitted.
struct FittedTable {
  let columns: [String]
  let rows: [[String?]]

  init(columns: [String], rows: [[String?]]) {
    // Before the widths are computed.
    self.columns = columns.map(\.printable)
    self.rows = rows.map { $0.map { $0?.printable } }
  }

  /// The table's lines, and the names of the omitted columns.
  func lines(width: Int) -> (lines: [String], omitted: [String]) {
    let table = TextTable([columns] + rows.map { $0.map { $0 ?? "" } }) { column in rows.allSatisfy { Self.isNumber($0[column]) } }
    var shown = 0
    var used = 0
    while shown < columns.count, shown == 0 || used + 2 + table.widths[shown] <= width {
      used += (shown == 0 ? 0 : 2) + table.widths[shown]
      shown += 1
    }
    var lines = table.rows.map { cells in
      var line = cells.prefix(shown).joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
    lines.insert(table.widths.prefix(shown).map { String(repeating: "─", count: $0) }.joined(separator: "  "), at: 1)
    return (lines, Array(columns[shown...]))
  }

  private static func isNumber(_ text: String?) -> Bool {
    guard let text, !text.isEmpty else { return true }
    return ["…", "?", "none"].contains(text) || Double(text) != nil
  }
}

import Console

/// A human-readable table: numbers are right-aligned, and columns that do not fit the width are omitted.
struct TextTable {
  let columns: [String]
  let rows: [[String?]]

  init(columns: [String], rows: [[String?]]) {
    // Before the widths are computed.
    self.columns = columns.map(\.printable)
    self.rows = rows.map { $0.map { $0?.printable } }
  }

  /// The table's lines, and the names of the omitted columns.
  func lines(width: Int) -> (lines: [String], omitted: [String]) {
    let widths = columns.indices.map { column in
      max(columns[column].count, rows.map { ($0[column] ?? "").count }.max() ?? 0)
    }
    var shown = 0
    var used = 0
    while shown < columns.count, shown == 0 || used + 2 + widths[shown] <= width {
      used += (shown == 0 ? 0 : 2) + widths[shown]
      shown += 1
    }
    let rightAligned = columns.indices.map { column in rows.allSatisfy { Self.isNumber($0[column]) } }
    func line(_ cells: [String?]) -> String {
      let padded = (0..<shown).map { column in
        let text = cells[column] ?? ""
        let pad = String(repeating: " ", count: widths[column] - text.count)
        return rightAligned[column] ? pad + text : text + pad
      }
      var line = padded.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
    let rule = widths.prefix(shown).map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    return ([line(columns), rule] + rows.map(line), Array(columns[shown...]))
  }

  private static func isNumber(_ text: String?) -> Bool {
    guard let text, !text.isEmpty else { return true }
    return text == "…" || Double(text) != nil
  }
}

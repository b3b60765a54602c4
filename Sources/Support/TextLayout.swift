/// A number with its noun: "1 row", "100,000 rows".
package func counted(_ number: Int, _ noun: String) -> String { "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")" }

/// Digits in groups of three: "1,234,567".
package func grouped(_ number: Int) -> String { (number < 0 ? "-" : "") + grouped(digits: String(number.magnitude)) }

/// Digits in groups of three: "1,234,567".
package func grouped(digits: String) -> String {
  let count = digits.count
  var text = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (count - index) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}

extension String {
  /// The text's words in lines of at most `width` characters; a longer word has a line of its own. No lines if there is no word.
  package func wrapped(width: Int) -> [String] {
    var lines: [String] = []
    var length = 0
    for word in split(separator: " ") {
      let count = word.count
      if lines.isEmpty || length + 1 + count > width {
        lines.append(String(word))
        length = count
      } else {
        lines[lines.count - 1] += " " + word
        length += 1 + count
      }
    }
    return lines
  }
}

/// The cells of a text table, each filled with blanks to the width of its column.
package struct TextTable {
  /// The width of each column in characters.
  package let widths: [Int]
  /// The filled cells, row by row.
  package let rows: [[String]]

  /// - Parameters:
  ///   - rows: the cells; all rows have as many as the first.
  ///   - isRightAligned: whether the blanks of a column stand before the text.
  package init(_ rows: [[String]], isRightAligned: (Int) -> Bool) {
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
  package init(figures rows: [[String]]) { self.init(rows) { $0 > 0 } }
}

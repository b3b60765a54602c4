import Dataset
import Postgres

extension PostgresConnection {
  /// COPYs fields of a CSV's rows into a table whose first column is the row's number (or line), in chunks of bounded size.
  /// - Returns: rows copied.
  func copy(_ rows: some RowSource, fields: [Int], into table: String, number: (_ count: Int, _ line: Int) -> Int) throws -> Int {
    var count = 0
    try copyIn("COPY \(table) FROM STDIN") { writer in
      var text = CopyText()
      try rows.forEachRow { row, line in
        count += 1
        text.append(number(count, line))
        for field in fields {
          text.bytes.append(CopyText.tab)
          text.append(field, of: row)
        }
        text.bytes.append(CopyText.newline)
        if text.bytes.count > 256 << 10 {
          try writer.write(text.bytes)
          text.bytes.removeAll(keepingCapacity: true)
        }
      }
      try writer.write(text.bytes)
    }
    return count
  }
}

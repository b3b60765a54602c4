import Support

/// Writes rows as messages. The value is one flat JSON object with members in the order of the description. The key is text, or a JSON array of its
/// values if it has several columns.
package struct MessageEncoder: Sendable {
  /// The concatenated prefixes of the fields' values: `{"date":`, `,"global_revenue":`.
  private let prefixes: [UInt8]
  /// The end offset of each field's prefix.
  private let ends: [Int]
  private let primaryKey: [Int]

  /// Creates an encoder for rows of `resource`.
  package init(resource: Resource) {
    primaryKey = resource.primaryKey
    var prefixes: [UInt8] = []
    var ends: [Int] = []
    for field in resource.fields {
      prefixes.append(prefixes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
      JSONString.append(field.column, to: &prefixes)
      prefixes.append(UInt8(ascii: ":"))
      ends.append(prefixes.count)
    }
    self.prefixes = prefixes
    self.ends = ends
  }

  /// Appends the message's value. `row` has one cell per field of the description.
  package func appendValue(of row: Row, to out: inout [UInt8]) {
    let count = min(row.cells.count, ends.count)
    var byteCount = prefixes.count + 1
    let cells = row.cells.span
    let text = row.text.span
    for index in 0..<count { byteCount += JSONWriter.maxByteCount(of: cells[index], in: text) }
    out.append(addingCapacity: byteCount) { (output: inout OutputSpan<UInt8>) in
      let prefixes = prefixes.span
      let ends = ends.span
      var start = 0
      for index in 0..<count {
        let end = ends[index]
        JSONWriter.write(prefixes.extracting(start..<end), to: &output)
        JSONWriter.write(cells[index], text, to: &output)
        start = end
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  /// Appends the message's key. Returns false if rows have no key; the message's key is then null.
  @discardableResult
  package func appendKey(of row: Row, to out: inout [UInt8]) -> Bool {
    guard let first = primaryKey.first else { return false }
    if primaryKey.count == 1 {
      row.appendText(of: first, to: &out)
      return true
    }
    for index in primaryKey {
      out.append(index == first ? UInt8(ascii: "[") : UInt8(ascii: ","))
      let cell = row.cells[index]
      out.append(addingCapacity: JSONWriter.maxByteCount(of: cell, in: row.text.span)) { (output: inout OutputSpan<UInt8>) in
        JSONWriter.write(cell, row.text.span, to: &output)
      }
    }
    out.append(UInt8(ascii: "]"))
    return true
  }
}

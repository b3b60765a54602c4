/// Writes rows as messages: the value one flat JSON object, members in the order of the description; the key as text, or as a JSON array of
/// the values where it has several columns.
public struct MessageEncoder: Sendable {
  /// For each field what stands before its value: `{"date":`, `,"global_revenue":`.
  private let prefixes: [[UInt8]]
  private let primaryKey: [Int]

  public init(resource: Resource) {
    primaryKey = resource.primaryKey
    var prefixes: [[UInt8]] = []
    for field in resource.fields {
      var prefix: [UInt8] = [prefixes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ",")]
      JSONWriter.appendString(Array(field.column.utf8).span, to: &prefix)
      prefix.append(UInt8(ascii: ":"))
      prefixes.append(prefix)
    }
    self.prefixes = prefixes
  }

  /// Appends the message's value. `row` has one cell a field of the description.
  public func appendValue(of row: Row, to out: inout [UInt8]) {
    for index in 0..<min(row.cells.count, prefixes.count) {
      out.append(contentsOf: prefixes[index])
      JSONWriter.append(row.cells[index], row.text, to: &out)
    }
    out.append(UInt8(ascii: "}"))
  }

  /// Appends the message's key; false where rows have none and the key is null.
  @discardableResult
  public func appendKey(of row: Row, to out: inout [UInt8]) -> Bool {
    guard let first = primaryKey.first else { return false }
    if primaryKey.count == 1 {
      JSONWriter.appendText(row.cells[first], row.text, to: &out)
      return true
    }
    for index in primaryKey {
      out.append(index == first ? UInt8(ascii: "[") : UInt8(ascii: ","))
      JSONWriter.append(row.cells[index], row.text, to: &out)
    }
    out.append(UInt8(ascii: "]"))
    return true
  }
}

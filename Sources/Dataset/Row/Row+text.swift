extension Row {
  /// Appends the cell's value as text, in a form that SQL reads: a string unchanged, a date as ISO 8601, a number in digits; nothing for null. A number
  /// beyond 64 bits may have an exponent.
  public func appendText(of index: Int, to out: inout [UInt8]) {
    let cell = cells[index]
    out.append(addingCapacity: JSONWriter.room(for: cell, in: text.span)) { (output: inout OutputSpan<UInt8>) in
      JSONWriter.writeText(cell, text.span, to: &output)
    }
  }

  /// The cell's value as text, or nil if it is null.
  public func string(at index: Int) -> String? {
    if cells[index].kind == .null { return nil }
    var bytes: [UInt8] = []
    appendText(of: index, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

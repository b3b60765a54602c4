extension CSVFastPath {
  @inline(__always)
  func integer(_ bytes: Span<UInt8>, _ at: inout Int, _ column: Int) -> Cell? {
    let negative = bytes[at] == UInt8(ascii: "-")
    if negative { at += 1 }
    var value: Int64 = 0
    let count = Digits.read(bytes, &at, into: &value)
    guard count > 0, count <= Digits.maximum else { return nil }
    if negative { value = -value }
    guard bounds[column]?.hold(value, scale: 0) == true else { return nil }
    return Cell(.integer, payload: value)
  }

  @inline(__always)
  func number(_ bytes: Span<UInt8>, _ at: inout Int, _ column: Int) -> Cell? {
    let negative = bytes[at] == UInt8(ascii: "-")
    if negative { at += 1 }
    var value: Int64 = 0
    let whole = Digits.read(bytes, &at, into: &value)
    var scale = 0
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      scale = Digits.read(bytes, &at, into: &value)
    }
    guard whole + scale > 0, whole + scale <= Digits.maximum else { return nil }
    if negative { value = -value }
    guard bounds[column]?.hold(value, scale: scale) == true else { return nil }
    return Cell(.decimal, payload: value, scale: Int32(scale))
  }

  /// Advances to the end of a text cell and returns its byte range; nil if the cell needs the general path.
  func passOver(_ bytes: Span<UInt8>, _ at: inout Int, isQuoted: Bool) -> Range<Int>? {
    let start = at
    var seen: UInt8 = 0
    while at < bytes.count {
      let byte = bytes[at]
      if isQuoted ? byte == quote : byte == delimiter { break }
      if byte == 0x0A || byte == 0x0D {
        // A line end inside quotes makes the record longer than a line.
        if isQuoted { return nil }
        break
      }
      if byte == 0 { return nil }
      seen |= byte
      at += 1
    }
    // The cell may continue beyond the bytes in memory.
    guard at < bytes.count else { return nil }
    if seen >= 0x80, UTF8Check.firstFault(in: bytes, start..<at) != nil { return nil }
    return start..<at
  }

  func value(_ step: Step, _ bytes: Span<UInt8>, _ range: Range<Int>, _ text: inout [UInt8], _ readers: [CellParser]) -> Cell? {
    switch step.kind {
    case .skipped: return .null
    case .text:
      guard !range.isEmpty else { return nil }
      let first = text.count
      text.append(addingCapacity: range.count) { (output: inout OutputSpan<UInt8>) in
        for index in range { output.append(bytes[index]) }
      }
      return Cell(.text, start: Int32(first), count: Int32(range.count))
    default: return try? readers[step.field].read(bytes, range, into: &text)
    }
  }
}

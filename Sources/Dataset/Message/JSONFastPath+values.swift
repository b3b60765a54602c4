extension JSONFastPath {
  @inline(__always)
  func number(_ bytes: Span<UInt8>, _ at: inout Int, _ index: Int, allowsPoint: Bool) -> Cell? {
    let negative = bytes[at] == UInt8(ascii: "-")
    if negative { at += 1 }
    let start = at
    var value: Int64 = 0
    let whole = Digits.read(bytes, &at, into: &value)
    guard whole > 0, whole == 1 || bytes[start] != UInt8(ascii: "0") else { return nil }
    var scale = 0
    if allowsPoint, at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      scale = Digits.read(bytes, &at, into: &value)
      guard scale > 0 else { return nil }
    }
    guard whole + scale <= Digits.maximum else { return nil }
    if negative { value = -value }
    guard bounds[index]?.hold(value, scale: scale) == true else { return nil }
    return Cell(allowsPoint ? .decimal : .integer, payload: value, scale: Int32(scale))
  }

  /// Reads `"yyyy-mm-dd"`.
  @inline(__always)
  static func date(_ bytes: Span<UInt8>, _ at: inout Int) -> Int64? {
    guard at + 12 <= bytes.count, bytes[at] == UInt8(ascii: "\""), bytes[at + 5] == UInt8(ascii: "-"), bytes[at + 8] == UInt8(ascii: "-"),
      bytes[at + 11] == UInt8(ascii: "\"")
    else { return nil }
    let century = Digits.two(bytes, at + 1)
    let years = Digits.two(bytes, at + 3)
    let month = Digits.two(bytes, at + 6)
    let day = Digits.two(bytes, at + 9)
    guard century != 255, years != 255, month != 255, day != 255 else { return nil }
    at += 12
    return GregorianCalendar.days(year: Int(century) * 100 + Int(years), month: Int(month), day: Int(day))
  }

  /// Reads a string without escapes; nil if it needs the general path.
  static func text(_ bytes: Span<UInt8>, _ at: inout Int, _ text: inout [UInt8]) -> Cell? {
    guard bytes[at] == UInt8(ascii: "\"") else { return nil }
    let start = at + 1
    at = start
    var seen: UInt8 = 0
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") || byte < 0x20 { return nil }
      seen |= byte
      at += 1
    }
    guard at < bytes.count else { return nil }
    let end = at
    if seen >= 0x80, UTF8Check.firstFault(in: bytes, start..<end) != nil { return nil }
    let first = text.count
    text.append(addingCapacity: end - start) { (output: inout OutputSpan<UInt8>) in
      for index in start..<end { output.append(bytes[index]) }
    }
    at += 1
    return Cell(.text, start: Int32(first), count: Int32(end - start))
  }
}

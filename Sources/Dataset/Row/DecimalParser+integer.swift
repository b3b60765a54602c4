extension DecimalParser {
  /// Reads `range` as `[+-]digits`.
  static func integer(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(ParseError) -> Cell {
    var at = range.lowerBound
    let end = range.upperBound
    var negative = false
    if at < end, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
      negative = bytes[at] == UInt8(ascii: "-")
      at += 1
    }
    guard at < end else { throw .notANumber }
    var value: Int64 = 0
    var overflow = false
    while at < end {
      let digit = bytes[at] &- 0x30
      guard digit < 10 else { throw .notANumber }
      if !overflow {
        // Negative accumulation: Int64's least value has no positive counterpart.
        let (product, first) = value.multipliedReportingOverflow(by: 10)
        let (sum, second) = product.subtractingReportingOverflow(Int64(digit))
        if first || second { overflow = true } else { value = sum }
      }
      at += 1
    }
    if overflow || (!negative && value == .min) { throw .outOfRange }
    return Cell(.integer, payload: negative ? value : -value)
  }

  /// Reads `range` as a number in any spelling whose value is whole: 16, 16.0, 1.6e1.
  static func wholeNumber(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(ParseError) -> Cell {
    do throws(ParseError) {
      return try integer(bytes, range)
    } catch {
      if error == .outOfRange { throw error }
    }
    var digits: [UInt8] = []
    let cell = try number(bytes, range, into: &digits)
    var scale = Int(cell.scale)
    if cell.kind == .decimal {
      var value = cell.payload
      while scale > 0 {
        guard value % 10 == 0 else { throw .notWhole }
        value /= 10
        scale -= 1
      }
      return Cell(.integer, payload: value)
    }
    while scale > 0, digits.count > 1, digits.last == UInt8(ascii: "0"), digits != [UInt8(ascii: "-"), UInt8(ascii: "0")] {
      digits.removeLast()
      scale -= 1
    }
    if digits == [UInt8(ascii: "0")] || digits == [UInt8(ascii: "-"), UInt8(ascii: "0")] { return Cell(.integer) }
    if scale > 0 { throw .notWhole }
    guard digits.count - scale <= 20 else { throw .outOfRange }
    for _ in 0..<(-scale) { digits.append(UInt8(ascii: "0")) }
    return try integer(digits.span, 0..<digits.count)
  }
}

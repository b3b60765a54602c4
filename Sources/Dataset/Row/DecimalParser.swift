/// Parses decimal numbers without converting them to binary: the digits of the source are kept.
enum DecimalParser {
  enum ParseError: Error {
    case notANumber
    case notWhole
    case outOfRange
  }

  /// The most digits that Postgres's `numeric` stores before the decimal point, and below after it.
  static let maximumWholeDigits = 131_072
  static let maximumFractionDigits = 16_383

  /// Reads `range` as `[+-]digits[.digits][e[+-]digits]`, with digits on at least one side of the point: a decimal, or a bigDecimal whose
  /// digits are appended to `text`.
  static func number(_ bytes: Span<UInt8>, _ range: Range<Int>, into text: inout [UInt8]) throws(ParseError) -> Cell {
    var at = range.lowerBound
    let end = range.upperBound
    var negative = false
    if at < end, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
      negative = bytes[at] == UInt8(ascii: "-")
      at += 1
    }
    let start = at
    var magnitude: UInt64 = 0
    var overflow = false
    var digits = 0
    var fraction = 0
    var point = false
    while at < end {
      let digit = bytes[at] &- 0x30
      if digit < 10 {
        digits += 1
        if point { fraction += 1 }
        if !overflow {
          let (high, low) = magnitude.multipliedFullWidth(by: 10)
          let (sum, carry) = low.addingReportingOverflow(UInt64(digit))
          if high != 0 || carry || sum > UInt64(Int64.max) { overflow = true } else { magnitude = sum }
        }
      } else if bytes[at] == UInt8(ascii: "."), !point {
        point = true
      } else {
        break
      }
      at += 1
    }
    guard digits > 0 else { throw .notANumber }
    let digitsEnd = at
    var scale = fraction
    if at < end {
      scale -= try exponent(bytes, at..<end)
    }
    if !overflow, scale < 0, let expanded = expand(magnitude, zeros: -scale) {
      magnitude = expanded
      scale = 0
    }
    if !overflow, scale >= 0, scale <= 18 {
      return Cell(.decimal, payload: negative ? -Int64(magnitude) : Int64(magnitude), scale: Int32(scale))
    }
    return try big(bytes, start..<digitsEnd, negative: negative, scale: scale, into: &text)
  }

  /// `magnitude` × 10^`zeros`, or nil if it does not fit an Int64.
  private static func expand(_ magnitude: UInt64, zeros: Int) -> UInt64? {
    if magnitude == 0 { return 0 }
    guard zeros <= 18 else { return nil }
    var value = magnitude
    for _ in 0..<zeros {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow || product > UInt64(Int64.max) { return nil }
      value = product
    }
    return value
  }

  private static func exponent(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(ParseError) -> Int {
    var at = range.lowerBound
    guard bytes[at] | 0x20 == UInt8(ascii: "e") else { throw .notANumber }
    at += 1
    var negative = false
    if at < range.upperBound, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
      negative = bytes[at] == UInt8(ascii: "-")
      at += 1
    }
    guard at < range.upperBound else { throw .notANumber }
    var value = 0
    while at < range.upperBound {
      let digit = bytes[at] &- 0x30
      guard digit < 10 else { throw .notANumber }
      // Already far out of range: more digits do not matter.
      if value < 10_000_000 { value = value * 10 + Int(digit) }
      at += 1
    }
    return negative ? -value : value
  }

  private static func big(
    _ bytes: Span<UInt8>, _ range: Range<Int>, negative: Bool, scale: Int, into text: inout [UInt8]
  ) throws(ParseError) -> Cell {
    let start = text.count
    if negative { text.append(UInt8(ascii: "-")) }
    let first = text.count
    for index in range where bytes[index] != UInt8(ascii: ".") {
      // Leading zeros are not significant.
      if bytes[index] == UInt8(ascii: "0"), text.count == first { continue }
      text.append(bytes[index])
    }
    if text.count == first { text.append(UInt8(ascii: "0")) }
    let digits = text.count - first
    guard scale <= maximumFractionDigits, digits - scale <= maximumWholeDigits else {
      text.removeLast(text.count - start)
      throw .outOfRange
    }
    return Cell(.bigDecimal, scale: Int32(scale), start: Int32(start), count: Int32(text.count - start))
  }
}

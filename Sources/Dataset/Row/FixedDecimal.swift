/// An exact decimal number of the description: `unscaled` × 10^-`scale`.
package struct FixedDecimal: Sendable, Equatable {
  /// The digits with their sign, without a decimal point.
  package let unscaled: Int64
  /// Decimal places.
  package let scale: Int

  /// Creates `unscaled` × 10^-`scale`.
  package init(unscaled: Int64, scale: Int = 0) {
    self.unscaled = unscaled
    self.scale = scale
  }

  /// The nearest binary number, for statistics; compare amounts of money by `unscaled`.
  package var double: Double {
    var divisor = 1.0
    for _ in 0..<scale { divisor *= 10 }
    return Double(unscaled) / divisor
  }
}

/// Parses decimal numbers without converting them to binary: the digits of the source are kept.
enum DecimalParser {
  enum ParseError: Error {
    case notANumber
    case notWhole
    case outOfRange
  }

  /// The most digits that Postgres's `numeric` stores before the decimal point, and below after it.
  static let maxWholeDigits = 131_072
  static let maxFractionDigits = 16_383

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
    guard scale <= maxFractionDigits, digits - scale <= maxWholeDigits else {
      text.removeLast(text.count - start)
      throw .outOfRange
    }
    return Cell(.bigDecimal, scale: Int32(scale), start: Int32(start), count: Int32(text.count - start))
  }
}

extension DecimalParser {
  /// Returns -1, 0 or 1 if `left` is less than, equal to or greater than `right`; each may be an integer, a decimal or a long decimal.
  static func compare(_ left: Cell, _ leftText: [UInt8], _ right: Cell, _ rightText: [UInt8]) -> Int {
    if left.kind != .bigDecimal, right.kind != .bigDecimal {
      if left.scale == right.scale { return left.payload < right.payload ? -1 : left.payload == right.payload ? 0 : 1 }
      // Scales are 0...18: both products fit 128 bits.
      let mine = Int128(left.payload) * power(Int(right.scale))
      let other = Int128(right.payload) * power(Int(left.scale))
      return mine < other ? -1 : mine == other ? 0 : 1
    }
    let mine = Digits(left, leftText)
    let other = Digits(right, rightText)
    if mine.sign != other.sign { return mine.sign < other.sign ? -1 : 1 }
    return mine.sign * mine.compareMagnitude(other)
  }

  private static func power(_ exponent: Int) -> Int128 {
    var value: Int128 = 1
    for _ in 0..<exponent { value *= 10 }
    return value
  }

  /// A number as digits without leading and trailing zeros, and the decimal position of its first digit.
  private struct Digits {
    var sign = 0
    var digits: [UInt8] = []
    var weight = 0

    init(_ cell: Cell, _ text: [UInt8]) {
      digits = cell.kind == .bigDecimal ? Array(text[cell.range]) : Array(String(cell.payload).utf8)
      sign = 1
      if digits.first == UInt8(ascii: "-") {
        digits.removeFirst()
        sign = -1
      }
      weight = digits.count - Int(cell.scale)
      let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
      digits.removeFirst(zeros)
      weight -= zeros
      while digits.last == UInt8(ascii: "0") { digits.removeLast() }
      if digits.isEmpty { sign = 0 }
    }

    func compareMagnitude(_ other: Digits) -> Int {
      if sign == 0 { return 0 }
      if weight != other.weight { return weight < other.weight ? -1 : 1 }
      if digits == other.digits { return 0 }
      return digits.lexicographicallyPrecedes(other.digits) ? -1 : 1
    }
  }
}

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

/// Fast reading of digit runs, shared by both fast paths.
enum Digits {
  /// The longest run that is read: 18 digits always fit an Int64.
  static let maxCount = 18

  /// Reads the digits at `at` into `value` and returns their number. If there are more than `maximum`, `value` is meaningless.
  @inline(__always)
  static func read(_ bytes: Span<UInt8>, _ at: inout Int, into value: inout Int64) -> Int {
    let start = at
    while at < bytes.count {
      let digit = bytes[at] &- 0x30
      if digit > 9 { break }
      value = value &* 10 &+ Int64(digit)
      at += 1
    }
    return at - start
  }

  /// The value of two digits at `at`, or 255.
  @inline(__always)
  static func two(_ bytes: Span<UInt8>, _ at: Int) -> UInt8 {
    let tens = bytes[at] &- 0x30
    let units = bytes[at + 1] &- 0x30
    return tens > 9 || units > 9 ? 255 : tens &* 10 &+ units
  }
}

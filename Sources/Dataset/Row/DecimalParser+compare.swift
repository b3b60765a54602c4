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

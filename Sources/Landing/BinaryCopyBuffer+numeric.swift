extension BinaryCopyBuffer {
  // The wire format of numeric (numeric_send): four int16 (number of groups, weight of the first group, sign, decimal places), then the
  // groups of four decimal digits. numeric_recv strips zero groups.

  private static let powers: [UInt64] = (0...18).reduce(into: []) { list, _ in list.append((list.last.map { $0 * 10 }) ?? 1) }
  private static let negative: Int16 = 0x4000

  /// Appends `payload` × 10^-`scale` as a field of type numeric with `scale` decimal places.
  ///
  /// - Parameter scale: 0...18.
  func appendNumeric(_ payload: Int64, scale: Int32) {
    guard scale <= 16 else {
      // More than 16 places, padded to whole groups, would not fit in 64 bits.
      var digits = Array(String(payload).utf8)
      _ = digits.withUnsafeMutableBytes { appendNumeric(digits: UnsafeRawBufferPointer($0), scale: scale) }
      return
    }
    let magnitude = payload.magnitude
    var whole = magnitude
    var fraction: UInt64 = 0
    let places = (Int(scale) &+ 3) >> 2
    if scale > 0 {
      let power = Self.powers[Int(scale)]
      whole = magnitude / power
      fraction = (magnitude &- whole &* power) &* Self.powers[(places << 2) &- Int(scale)]
    }
    let groups =
      whole == 0 ? 0 : whole < 10_000 ? 1 : whole < 100_000_000 ? 2 : whole < 1_000_000_000_000 ? 3 : whole < 10_000_000_000_000_000 ? 4 : 5
    reserve(4 &+ 8 &+ 2 &* 9)
    put(Int32(8 &+ 2 &* (groups &+ places)))
    put(Int16(truncatingIfNeeded: groups &+ places))
    put(Int16(truncatingIfNeeded: groups &- 1))
    put(payload < 0 ? Self.negative : 0)
    put(Int16(truncatingIfNeeded: scale))
    putGroups(whole, groups)
    putGroups(fraction, places)
  }

  /// Appends the last `groups` groups of four digits of a number, the highest first.
  @inline(__always)
  private func putGroups(_ number: UInt64, _ groups: Int) {
    var divisor = groups > 1 ? Self.powers[(groups &- 1) &* 4] : 1
    var rest = number
    for _ in 0..<groups {
      let group = rest / divisor
      put(Int16(truncatingIfNeeded: group))
      rest &-= group &* divisor
      divisor /= 10_000
    }
  }

  /// Appends a decimal of any length: ASCII digits with an optional `-` before them, × 10^-`scale`. A negative scale appends zeros.
  ///
  /// - Returns: false, and nothing is appended, if the value exceeds Postgres's numeric: 131,072 digits before the point, 16,383 after it.
  func appendNumeric(digits: UnsafeRawBufferPointer, scale: Int32) -> Bool {
    let isNegative = digits.first == UInt8(ascii: "-")
    let all = digits.dropFirst(isNegative ? 1 : 0)
    let significant = UnsafeRawBufferPointer(rebasing: all.drop { $0 == UInt8(ascii: "0") })
    let scale = Int(scale)
    // Digits before the point; negative if the number begins with zeros after the point.
    let wholeDigits = significant.count - scale
    guard scale <= 16_383, significant.isEmpty || wholeDigits <= 131_072 else { return false }
    let places = max(0, scale)
    guard !significant.isEmpty else {
      appendNumeric(0, scale: 0)
      // A zero has no groups, only its number of decimal places.
      storeDecimalPlaces(places, back: 8)
      return true
    }
    // Group 0 holds the four digits before the point; the group of a digit is its distance from the point, rounded down.
    let weight = (wholeDigits - 1) >= 0 ? (wholeDigits - 1) / 4 : -((-(wholeDigits - 1) + 3) / 4)
    let last = -places
    let lastGroup = last >= 0 ? 0 : -((-last + 3) / 4)
    let groups = weight - lastGroup + 1
    reserve(12 + 2 * groups)
    put(Int32(8 + 2 * groups))
    put(Int16(truncatingIfNeeded: groups))
    put(Int16(truncatingIfNeeded: weight))
    put(isNegative ? Self.negative : 0)
    put(Int16(truncatingIfNeeded: places))
    // The position of a group's first digit among the significant ones; positions outside of them are zeros.
    var position = wholeDigits - 4 * (weight + 1)
    for _ in 0..<groups {
      var group: Int16 = 0
      for digit in position..<position + 4 {
        group = group * 10 + (digit >= 0 && digit < significant.count ? Int16(significant[digit] - UInt8(ascii: "0")) : 0)
      }
      put(group)
      position += 4
    }
    return true
  }

  /// Rewrites the number of decimal places, the last of the four header numbers, of a field without groups.
  private func storeDecimalPlaces(_ places: Int, back: Int) {
    truncate(to: count - 2)
    put(Int16(truncatingIfNeeded: places))
  }
}

/// Fast reading of digit runs, shared by both fast paths.
enum Digits {
  /// The longest run that is read: 18 digits always fit an Int64.
  static let maximum = 18

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

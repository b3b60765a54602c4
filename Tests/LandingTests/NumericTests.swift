import Testing

@testable import Landing

/// The int16 values of a numeric in Postgres's wire format (numeric_send).
private func groups(_ append: (BinaryCopyBuffer) -> Void) -> [Int] {
  let buffer = BinaryCopyBuffer()
  append(buffer)
  let bytes = content(buffer)
  let length = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
  #expect(length == bytes.count - 4)
  return stride(from: 4, to: bytes.count, by: 2).map { Int(Int16(truncatingIfNeeded: Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]))) }
}

private func long(_ digits: String, scale: Int32) -> [Int] {
  groups { buffer in
    let bytes = Array(digits.utf8)
    #expect(bytes.withUnsafeBytes { buffer.appendNumeric(digits: $0, scale: scale) })
  }
}

@Suite struct NumericTests {
  // number of groups, weight of the first, sign, decimal places, groups of four digits
  @Test(
    arguments: [
      (0, 0, [0, -1, 0, 0]),
      (1, 0, [1, 0, 0, 0, 1]),
      (-1, 0, [1, 0, 0x4000, 0, 1]),
      (4_520_992_000, 0, [3, 2, 0, 0, 45, 2099, 2000]),
      (1145, 2, [2, 0, 0, 2, 11, 4500]),
      (160, 1, [2, 0, 0, 1, 16, 0]),
      (5, 4, [1, -1, 0, 4, 5]),
      (-12_345_678, 6, [3, 0, 0x4000, 6, 12, 3456, 7800]),
      (Int64.min, 0, [5, 4, 0x4000, 0, 922, 3372, 368, 5477, 5808]),
      (Int64.max, 16, [5, 0, 0, 16, 922, 3372, 368, 5477, 5807]),
      (Int64.max, 18, [6, 0, 0, 18, 9, 2233, 7203, 6854, 7758, 700]),
    ] as [(Int64, Int32, [Int])])
  func `an amount of 64 bits keeps its digits and decimal places`(payload: Int64, scale: Int32, expected: [Int]) {
    #expect(groups { $0.appendNumeric(payload, scale: scale) } == expected)
  }

  @Test func `the digits of long decimals are grouped from the decimal point outwards`() {
    #expect(long("123456789012345678901234", scale: 0) == [6, 5, 0, 0, 1234, 5678, 9012, 3456, 7890, 1234])
    #expect(long("-123456789012345678901", scale: 3) == [6, 4, 0x4000, 3, 12, 3456, 7890, 1234, 5678, 9010])
    #expect(long("5", scale: 22) == [1, -6, 0, 22, 500])
    #expect(long("12", scale: -7) == [3, 2, 0, 0, 1, 2000, 0])
    #expect(long("000", scale: 20) == [0, -1, 0, 20])
  }

  @Test func `a value outside the range of numeric is rejected, and nothing is appended`() {
    let buffer = BinaryCopyBuffer()
    let one = Array("1".utf8)
    #expect(one.withUnsafeBytes { !buffer.appendNumeric(digits: $0, scale: -131_072) })
    #expect(one.withUnsafeBytes { !buffer.appendNumeric(digits: $0, scale: 16_384) })
    #expect(buffer.isEmpty)
    #expect(one.withUnsafeBytes { buffer.appendNumeric(digits: $0, scale: -131_071) })
  }

  /// Compares the two implementations with the same numbers.
  @Test func `the 64-bit and the text encoding of a number give the same bytes`() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let digits = Int64.random(in: 0...18, using: &random)
      var payload = Int64.random(in: Int64.min...Int64.max, using: &random)
      for _ in 0..<digits { payload /= 10 }
      let scale = Int32.random(in: 0...16, using: &random)
      // The 64-bit encoding writes leading zeros of a fraction and trailing zeros of a whole number; Postgres strips them.
      func stripped(_ numbers: [Int]) -> [Int] {
        var (weight, body) = (numbers[1], numbers.dropFirst(4))
        while body.first == 0 { (weight, body) = (weight - 1, body.dropFirst()) }
        while body.last == 0 { body = body.dropLast() }
        return [body.isEmpty ? -1 : weight, body.isEmpty ? 0 : numbers[2], numbers[3]] + body
      }
      let short = groups { $0.appendNumeric(payload, scale: scale) }
      let longer = long(String(payload), scale: scale)
      #expect(stripped(short) == stripped(longer), "\(payload) scale \(scale)")
    }
  }
}

/// Checks UTF-8, and formats bytes for messages.
enum UTF8Check {
  /// The first byte of `range` that is not UTF-8, if any.
  static func firstFault(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: bytes.extracting(range))
      return nil
    } catch {
      return range.lowerBound + error.byteOffsets.lowerBound
    }
  }

  /// The number of characters (Unicode scalars) in `range`. In bytes that are not UTF-8, each byte that could begin a character counts as one.
  static func scalarCount(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
    var count = 0
    for index in range where bytes[index] & 0xC0 != 0x80 { count += 1 }
    return count
  }

  /// The text of `range` for a message: at most 40 characters, with U+FFFD for those that cannot be shown.
  static func shown(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
    let limit = min(range.count, 200)
    var head: [UInt8] = []
    head.reserveCapacity(limit)
    for index in range.lowerBound..<range.lowerBound + limit { head.append(bytes[index]) }
    var text = ""
    var count = 0
    for scalar in String(decoding: head, as: UTF8.self).unicodeScalars {
      if count == 40 { return text + "…" }
      // Control characters would move the terminal's cursor or split a log line.
      if scalar.value < 0x20 || scalar.value == 0x7F { text += "\u{FFFD}" } else { text.unicodeScalars.append(scalar) }
      count += 1
    }
    return limit < range.count ? text + "…" : text
  }
}

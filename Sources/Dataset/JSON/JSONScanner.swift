/// The tokens of JSON (RFC 8259), read strictly from bytes. Each function starts at `at` and advances it past the token.
enum JSONScanner {
  static func skipBlanks(_ bytes: Span<UInt8>, _ at: inout Int) {
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x0A, 0x0D, 0x09: at += 1
      default: return
      }
    }
  }

  /// Reads the word `literal` (`true`, `false`, `null`).
  static func expect(_ literal: StaticString, _ bytes: Span<UInt8>, _ at: inout Int) throws(JSONSyntaxError) {
    let start = at
    for scalar in literal.description.utf8 {
      guard at < bytes.count, bytes[at] == scalar else { throw JSONSyntaxError(offset: start, message: "unknown word") }
      at += 1
    }
  }

  /// Reads a number by JSON's grammar and returns its byte range.
  static func readNumber(_ bytes: Span<UInt8>, _ at: inout Int) throws(JSONSyntaxError) -> Range<Int> {
    let start = at
    if at < bytes.count, bytes[at] == UInt8(ascii: "-") { at += 1 }
    let whole = at
    try digits(bytes, &at)
    if at - whole > 1, bytes[whole] == UInt8(ascii: "0") {
      throw JSONSyntaxError(offset: whole, message: "a number does not begin with 0")
    }
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      try digits(bytes, &at)
    }
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
      try digits(bytes, &at)
    }
    return start..<at
  }

  private static func digits(_ bytes: Span<UInt8>, _ at: inout Int) throws(JSONSyntaxError) {
    let start = at
    while at < bytes.count, bytes[at] &- 0x30 < 10 { at += 1 }
    if at == start { throw JSONSyntaxError(offset: at, message: "a digit is missing") }
  }

  /// Reads a string, its opening quote at `at`, and appends its UTF-8 to `out`.
  static func readString(_ bytes: Span<UInt8>, _ at: inout Int, into out: inout [UInt8]) throws(JSONSyntaxError) {
    let open = at
    at += 1
    while true {
      let start = at
      var ascii: UInt8 = 0
      while at < bytes.count {
        let byte = bytes[at]
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
        ascii |= byte
        at += 1
      }
      if at > start {
        if ascii >= 0x80, let invalid = UTF8Check.firstInvalidByte(in: bytes, start..<at) {
          throw JSONSyntaxError(offset: invalid, message: "text that is not UTF-8", isEncoding: true)
        }
        for index in start..<at { out.append(bytes[index]) }
      }
      guard at < bytes.count else { throw JSONSyntaxError(offset: open, message: "a string is not closed") }
      switch bytes[at] {
      case UInt8(ascii: "\""):
        at += 1
        return
      case UInt8(ascii: "\\"): try readEscape(bytes, &at, into: &out)
      default: throw JSONSyntaxError(offset: at, message: "a control character in a string must be escaped")
      }
    }
  }
}

extension JSONScanner {
  /// Reads an escape, its backslash at `at`, and appends its UTF-8 to `out`.
  static func readEscape(_ bytes: Span<UInt8>, _ at: inout Int, into out: inout [UInt8]) throws(JSONSyntaxError) {
    let start = at
    guard at + 1 < bytes.count else { throw JSONSyntaxError(offset: at, message: "an escape is cut off") }
    let letter = bytes[at + 1]
    at += 2
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(letter)
    case UInt8(ascii: "b"): out.append(0x08)
    case UInt8(ascii: "f"): out.append(0x0C)
    case UInt8(ascii: "n"): out.append(0x0A)
    case UInt8(ascii: "r"): out.append(0x0D)
    case UInt8(ascii: "t"): out.append(0x09)
    case UInt8(ascii: "u"):
      var code = try readUnit(bytes, &at)
      if code & 0xFC00 == 0xD800 {
        // A high surrogate is valid only if a low one follows immediately.
        guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
          throw halfPair(start)
        }
        at += 2
        let low = try readUnit(bytes, &at)
        guard low & 0xFC00 == 0xDC00 else { throw halfPair(start) }
        code = 0x10000 + (code & 0x3FF) << 10 + (low & 0x3FF)
      } else if code & 0xFC00 == 0xDC00 {
        throw halfPair(start)
      }
      append(code, to: &out)
    default: throw JSONSyntaxError(offset: start, message: "an unknown escape")
    }
  }

  /// JSON's grammar allows half of a surrogate pair, but it is not valid Unicode: neither UTF-8 nor Postgres can represent it.
  private static func halfPair(_ offset: Int) -> JSONSyntaxError {
    JSONSyntaxError(offset: offset, message: "text with half of a surrogate pair", isEncoding: true)
  }

  /// Four hexadecimal digits.
  private static func readUnit(_ bytes: Span<UInt8>, _ at: inout Int) throws(JSONSyntaxError) -> UInt32 {
    guard at + 4 <= bytes.count else { throw JSONSyntaxError(offset: at, message: "an escape is cut off") }
    var code: UInt32 = 0
    for _ in 0..<4 {
      let byte = bytes[at]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x37
      case 0x61...0x66: digit = byte - 0x57
      default: throw JSONSyntaxError(offset: at, message: "an escape needs four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      at += 1
    }
    return code
  }

  /// Appends the UTF-8 of a scalar that is not a surrogate.
  private static func append(_ code: UInt32, to out: inout [UInt8]) {
    if code < 0x80 {
      out.append(UInt8(code))
      return
    }
    if code < 0x800 {
      out.append(UInt8(0xC0 | code >> 6))
    } else {
      if code < 0x10000 {
        out.append(UInt8(0xE0 | code >> 12))
      } else {
        out.append(UInt8(0xF0 | code >> 18))
        out.append(UInt8(0x80 | code >> 12 & 0x3F))
      }
      out.append(UInt8(0x80 | code >> 6 & 0x3F))
    }
    out.append(UInt8(0x80 | code & 0x3F))
  }
}

extension JSONScanner {
  /// Reads a member's name and its colon, and replaces `name`.
  static func readName(_ bytes: Span<UInt8>, _ at: inout Int, into name: inout [UInt8]) throws(JSONSyntaxError) {
    guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
      throw JSONSyntaxError(offset: at, message: "a name in quotes is missing")
    }
    name.removeAll(keepingCapacity: true)
    try readString(bytes, &at, into: &name)
    skipBlanks(bytes, &at)
    guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { throw JSONSyntaxError(offset: at, message: "a colon is missing") }
    at += 1
  }

  /// Skips a value of any kind and depth, and checks JSON's grammar. Nesting is tracked in an array, not on the stack: a payload of brackets alone
  /// takes memory in proportion to its length.
  static func skipValue(_ bytes: Span<UInt8>, _ at: inout Int, scratch: inout [UInt8]) throws(JSONSyntaxError) {
    var open: [UInt8] = []
    while true {
      // A value begins here.
      skipBlanks(bytes, &at)
      guard at < bytes.count else { throw JSONSyntaxError(offset: at, message: "the text ends early") }
      let byte = bytes[at]
      if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
        let closing: UInt8 = byte == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: "]")
        at += 1
        skipBlanks(bytes, &at)
        if at < bytes.count, bytes[at] == closing {
          at += 1
        } else {
          open.append(closing)
          if byte == UInt8(ascii: "{") { try readName(bytes, &at, into: &scratch) }
          continue
        }
      } else {
        try skipScalar(bytes, &at, scratch: &scratch)
      }
      // After a value: close the arrays and objects that end here, or continue with the next value.
      while let closing = open.last {
        skipBlanks(bytes, &at)
        guard at < bytes.count else { throw JSONSyntaxError(offset: at, message: "the text ends early") }
        if bytes[at] == closing {
          at += 1
          open.removeLast()
          continue
        }
        guard bytes[at] == UInt8(ascii: ",") else { throw JSONSyntaxError(offset: at, message: "a comma is missing") }
        at += 1
        if closing == UInt8(ascii: "}") {
          skipBlanks(bytes, &at)
          try readName(bytes, &at, into: &scratch)
        }
        break
      }
      if open.isEmpty { return }
    }
  }

  private static func skipScalar(_ bytes: Span<UInt8>, _ at: inout Int, scratch: inout [UInt8]) throws(JSONSyntaxError) {
    switch bytes[at] {
    case UInt8(ascii: "\""):
      scratch.removeAll(keepingCapacity: true)
      try readString(bytes, &at, into: &scratch)
    case UInt8(ascii: "t"): try expect("true", bytes, &at)
    case UInt8(ascii: "f"): try expect("false", bytes, &at)
    case UInt8(ascii: "n"): try expect("null", bytes, &at)
    case UInt8(ascii: "-"), 0x30...0x39: _ = try readNumber(bytes, &at)
    default: throw JSONSyntaxError(offset: at, message: "a value is missing here")
    }
  }
}

/// Invalid JSON: the position and the reason.
struct JSONSyntaxError: Error, Equatable {
  /// Byte offset from the start of the text.
  let offset: Int
  let message: String
  /// True if the grammar is valid, but the text inside a string is not valid Unicode.
  var isEncoding = false
}

/// Checks UTF-8, and formats bytes for messages.
enum UTF8Check {
  /// The first byte of `range` that is not UTF-8, if any.
  static func firstInvalidByte(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
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
  static func excerpt(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
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

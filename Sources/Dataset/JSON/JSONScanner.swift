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
        if ascii >= 0x80, let bad = UTF8Check.firstFault(in: bytes, start..<at) {
          throw JSONSyntaxError(offset: bad, message: "text that is not UTF-8", isEncoding: true)
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

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

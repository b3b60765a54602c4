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

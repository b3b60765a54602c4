import Support

/// Reading a JSON text as a tree: the description, and a rejected message to see what it is. Accepted messages are not read this way.
extension JSON {
  /// Deeper than any description nests, and far below the limit of the stack.
  private static let maxDepth = 64

  /// The kind of value, for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// Reads a whole JSON text. A duplicate name in an object is a fault: two parsers could read two different descriptions.
  static func parse(_ bytes: Span<UInt8>) throws(JSONSyntaxError) -> JSON {
    var at = 0
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { at = 3 }
    let value = try value(bytes, &at, depth: 0)
    JSONScanner.skipBlanks(bytes, &at)
    guard at == bytes.count else { throw JSONSyntaxError(offset: at, message: "text after the end of the JSON value") }
    return value
  }

  private static func value(_ bytes: Span<UInt8>, _ at: inout Int, depth: Int) throws(JSONSyntaxError) -> JSON {
    guard depth < maxDepth else { throw JSONSyntaxError(offset: at, message: "nested too deep") }
    JSONScanner.skipBlanks(bytes, &at)
    guard at < bytes.count else { throw JSONSyntaxError(offset: at, message: "the text ends early") }
    switch bytes[at] {
    case UInt8(ascii: "{"): return try object(bytes, &at, depth: depth)
    case UInt8(ascii: "["): return try array(bytes, &at, depth: depth)
    case UInt8(ascii: "\""): return .string(try string(bytes, &at))
    case UInt8(ascii: "t"):
      try JSONScanner.expect("true", bytes, &at)
      return .bool(true)
    case UInt8(ascii: "f"):
      try JSONScanner.expect("false", bytes, &at)
      return .bool(false)
    case UInt8(ascii: "n"):
      try JSONScanner.expect("null", bytes, &at)
      return .null
    case UInt8(ascii: "-"), 0x30...0x39:
      let range = try JSONScanner.readNumber(bytes, &at)
      var digits: [UInt8] = []
      for index in range { digits.append(bytes[index]) }
      return .number(String(decoding: digits, as: UTF8.self))
    default: throw JSONSyntaxError(offset: at, message: "a value is missing here")
    }
  }

  private static func string(_ bytes: Span<UInt8>, _ at: inout Int) throws(JSONSyntaxError) -> String {
    let start = at
    var text: [UInt8] = []
    try JSONScanner.readString(bytes, &at, into: &text)
    if text.contains(0) { throw JSONSyntaxError(offset: start, message: "U+0000 in a string") }
    return String(decoding: text, as: UTF8.self)
  }

  private static func array(_ bytes: Span<UInt8>, _ at: inout Int, depth: Int) throws(JSONSyntaxError) -> JSON {
    at += 1
    var values: [JSON] = []
    JSONScanner.skipBlanks(bytes, &at)
    if at < bytes.count, bytes[at] == UInt8(ascii: "]") {
      at += 1
      return .array([])
    }
    while true {
      values.append(try value(bytes, &at, depth: depth + 1))
      JSONScanner.skipBlanks(bytes, &at)
      guard at < bytes.count else { throw JSONSyntaxError(offset: at, message: "an array is not closed") }
      let byte = bytes[at]
      guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") else {
        throw JSONSyntaxError(offset: at, message: "a comma or ] is missing")
      }
      at += 1
      if byte == UInt8(ascii: "]") { return .array(values) }
    }
  }

  private static func object(_ bytes: Span<UInt8>, _ at: inout Int, depth: Int) throws(JSONSyntaxError) -> JSON {
    at += 1
    var members: [Member] = []
    var names: Set<String> = []
    JSONScanner.skipBlanks(bytes, &at)
    if at < bytes.count, bytes[at] == UInt8(ascii: "}") {
      at += 1
      return .object([])
    }
    while true {
      JSONScanner.skipBlanks(bytes, &at)
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
        throw JSONSyntaxError(offset: at, message: "a name in quotes is missing")
      }
      let start = at
      let name = try string(bytes, &at)
      guard names.insert(name).inserted else { throw JSONSyntaxError(offset: start, message: "the name \"\(name)\" appears twice") }
      JSONScanner.skipBlanks(bytes, &at)
      guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { throw JSONSyntaxError(offset: at, message: "a colon is missing") }
      at += 1
      members.append((name: name, value: try value(bytes, &at, depth: depth + 1)))
      JSONScanner.skipBlanks(bytes, &at)
      guard at < bytes.count else { throw JSONSyntaxError(offset: at, message: "an object is not closed") }
      let byte = bytes[at]
      guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") else {
        throw JSONSyntaxError(offset: at, message: "a comma or } is missing")
      }
      at += 1
      if byte == UInt8(ascii: "}") { return .object(members) }
    }
  }
}

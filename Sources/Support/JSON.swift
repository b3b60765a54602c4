/// A JSON value that keeps the order of members and the digits of numbers. Rows on their way to Kafka are not built of these.
package enum JSON: Sendable {
  case null
  case bool(Bool)
  /// The number's spelling.
  case number(String)
  case string(String)
  case array([JSON])
  case object([Member])

  /// A member of an object.
  package typealias Member = (name: String, value: JSON)

  /// An integer.
  package static func integer(_ number: some BinaryInteger) -> JSON { .number(String(number)) }

  /// A string; null for nil.
  package static func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

  /// On one line, without blanks.
  package var line: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let text): text
    case .string(let text): JSONString.quoted(text)
    case .array(let values): "[\(values.map(\.line).joined(separator: ","))]"
    case .object(let members): "{\(members.map { "\(JSONString.quoted($0.name)):\($0.value.line)" }.joined(separator: ","))}"
    }
  }
}

extension JSON: Equatable {
  /// True if both have the same members in the same order, and numbers of the same spelling.
  package static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.number(let left), .number(let right)), (.string(let left), .string(let right)): left == right
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left.elementsEqual(right) { $0.name == $1.name && $0.value == $1.value }
    default: false
    }
  }
}

/// Strings in JSON (RFC 8259 §7). Only what JSON requires to be escaped is escaped.
///
/// `room(for:)` and `write(_:to:)` are on the path of each row: they are inlined into the modules that call them.
package enum JSONString {
  /// An upper bound for the bytes of `text` as a JSON string.
  @inlinable
  package static func room(for text: Span<UInt8>) -> Int {
    var room = text.count + 2
    for index in text.indices where text[index] < 0x20 || text[index] == UInt8(ascii: "\"") || text[index] == UInt8(ascii: "\\") {
      room += 5
    }
    return room
  }

  /// Writes UTF-8 in quotes into memory that has ``room(for:)``. Bytes that are not UTF-8 are written as they are.
  @inlinable
  package static func write(_ text: Span<UInt8>, to out: inout OutputSpan<UInt8>) {
    out.append(UInt8(ascii: "\""))
    for index in text.indices {
      let byte = text[index]
      if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
        out.append(byte)
      } else {
        writeEscape(byte, to: &out)
      }
    }
    out.append(UInt8(ascii: "\""))
  }

  @inlinable
  static func writeEscape(_ byte: UInt8, to out: inout OutputSpan<UInt8>) {
    out.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: out.append(UInt8(ascii: "b"))
    case 0x09: out.append(UInt8(ascii: "t"))
    case 0x0A: out.append(UInt8(ascii: "n"))
    case 0x0C: out.append(UInt8(ascii: "f"))
    case 0x0D: out.append(UInt8(ascii: "r"))
    case 0..<0x20:
      out.append(UInt8(ascii: "u"))
      out.append(UInt8(ascii: "0"))
      out.append(UInt8(ascii: "0"))
      out.append(byte >> 4 + 0x30)
      let low = byte & 0xF
      out.append(low < 10 ? low + 0x30 : low - 10 + 0x61)
    default: out.append(byte)
    }
  }

  /// Appends UTF-8 in quotes.
  package static func append(_ text: [UInt8], to out: inout [UInt8]) {
    out.append(addingCapacity: room(for: text.span)) { (output: inout OutputSpan<UInt8>) in
      write(text.span, to: &output)
    }
  }

  /// Appends `text` in quotes.
  package static func append(_ text: String, to out: inout [UInt8]) { append(Array(text.utf8), to: &out) }

  /// `text` in quotes.
  package static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    append(text, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

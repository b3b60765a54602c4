/// Strings in JSON (RFC 8259 §7). Only what JSON requires to be escaped is escaped.
///
/// `room(for:)` and `write(_:to:)` are on the path of each row: they are inlined into the modules that call them.
public enum JSONString {
  /// An upper bound for the bytes of `text` as a JSON string.
  @inlinable
  public static func room(for text: Span<UInt8>) -> Int {
    var room = text.count + 2
    for index in text.indices where text[index] < 0x20 || text[index] == UInt8(ascii: "\"") || text[index] == UInt8(ascii: "\\") {
      room += 5
    }
    return room
  }

  /// Writes UTF-8 in quotes into memory that has ``room(for:)``. Bytes that are not UTF-8 are written as they are.
  @inlinable
  public static func write(_ text: Span<UInt8>, to out: inout OutputSpan<UInt8>) {
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
  public static func append(_ text: [UInt8], to out: inout [UInt8]) {
    out.append(addingCapacity: room(for: text.span)) { (output: inout OutputSpan<UInt8>) in
      write(text.span, to: &output)
    }
  }

  /// Appends `text` in quotes.
  public static func append(_ text: String, to out: inout [UInt8]) { append(Array(text.utf8), to: &out) }

  /// `text` in quotes.
  public static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    append(text, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

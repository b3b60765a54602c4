/// Writes cells as JSON and as plain text.
enum JSONWriter {
  /// The cell as a JSON value.
  static func append(_ cell: Cell, _ text: [UInt8], to out: inout [UInt8]) {
    switch cell.kind {
    case .text: appendString(text.span.extracting(cell.range), to: &out)
    case .date, .datetime, .time:
      out.append(UInt8(ascii: "\""))
      appendText(cell, text, to: &out)
      out.append(UInt8(ascii: "\""))
    case .null: out.append(contentsOf: "null".utf8)
    default: appendText(cell, text, to: &out)
    }
  }

  /// The cell as text without quotes: what a key of one column is. Null is nothing.
  static func appendText(_ cell: Cell, _ text: [UInt8], to out: inout [UInt8]) {
    switch cell.kind {
    case .null: break
    case .text: out.append(contentsOf: text[cell.range])
    case .integer, .year: appendInteger(cell.payload, to: &out)
    case .decimal: appendDecimal(cell.payload, scale: Int(cell.scale), to: &out)
    case .bigDecimal: appendBigDecimal(text[cell.range], scale: Int(cell.scale), to: &out)
    case .boolean: out.append(contentsOf: (cell.payload != 0 ? "true" : "false").utf8)
    case .date: appendDate(cell.payload, to: &out)
    case .datetime: appendDatetime(cell.payload, to: &out)
    case .time: appendTime(cell.payload, to: &out)
    }
  }

  /// A string in quotes. Only what JSON asks for is escaped.
  static func appendString(_ text: Span<UInt8>, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for index in text.indices {
      let byte = text[index]
      if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
        out.append(byte)
      } else {
        appendEscape(byte, to: &out)
      }
    }
    out.append(UInt8(ascii: "\""))
  }

  private static func appendEscape(_ byte: UInt8, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: out.append(UInt8(ascii: "b"))
    case 0x09: out.append(UInt8(ascii: "t"))
    case 0x0A: out.append(UInt8(ascii: "n"))
    case 0x0C: out.append(UInt8(ascii: "f"))
    case 0x0D: out.append(UInt8(ascii: "r"))
    case 0..<0x20:
      out.append(contentsOf: "u00".utf8)
      out.append(byte >> 4 + 0x30)
      let low = byte & 0xF
      out.append(low < 10 ? low + 0x30 : low - 10 + 0x61)
    default: out.append(byte)
    }
  }
}

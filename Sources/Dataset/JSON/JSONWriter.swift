/// Writes cells as JSON and as plain text into preallocated memory: a row is measured once and then written without capacity checks.
enum JSONWriter {
  /// An upper bound for the bytes of a cell as JSON.
  static func room(for cell: Cell, in text: Span<UInt8>) -> Int {
    switch cell.kind {
    case .text: room(forString: text.extracting(cell.range))
    // Leading zeros, a point, an exponent.
    case .bigDecimal: Int(cell.count) + 96
    default: 48
    }
  }

  static func room(forString text: Span<UInt8>) -> Int {
    var room = text.count + 2
    for index in text.indices where text[index] < 0x20 || text[index] == UInt8(ascii: "\"") || text[index] == UInt8(ascii: "\\") {
      room += 5
    }
    return room
  }

  /// Writes the cell as a JSON value.
  static func write(_ cell: Cell, _ text: Span<UInt8>, to out: inout OutputSpan<UInt8>) {
    switch cell.kind {
    case .text: writeString(text.extracting(cell.range), to: &out)
    case .date, .datetime, .time:
      out.append(UInt8(ascii: "\""))
      writeText(cell, text, to: &out)
      out.append(UInt8(ascii: "\""))
    case .null: write("null", to: &out)
    default: writeText(cell, text, to: &out)
    }
  }

  /// Writes the cell as text without quotes, as in a key of one column. Null writes nothing.
  static func writeText(_ cell: Cell, _ text: Span<UInt8>, to out: inout OutputSpan<UInt8>) {
    switch cell.kind {
    case .null: break
    case .text: write(text.extracting(cell.range), to: &out)
    case .integer, .year: writeInteger(cell.payload, to: &out)
    case .decimal: writeDecimal(cell.payload, scale: Int(cell.scale), to: &out)
    case .bigDecimal: writeBigDecimal(text.extracting(cell.range), scale: Int(cell.scale), to: &out)
    case .boolean: write(cell.payload != 0 ? "true" : "false", to: &out)
    case .date: writeDate(cell.payload, to: &out)
    case .datetime: writeDatetime(cell.payload, to: &out)
    case .time: writeTime(cell.payload, to: &out)
    }
  }

  @inline(__always)
  static func write(_ bytes: Span<UInt8>, to out: inout OutputSpan<UInt8>) {
    for index in bytes.indices { out.append(bytes[index]) }
  }

  static func write(_ word: String, to out: inout OutputSpan<UInt8>) {
    for byte in word.utf8 { out.append(byte) }
  }

  /// Writes a string in quotes. Only characters that JSON requires to be escaped are escaped.
  static func writeString(_ text: Span<UInt8>, to out: inout OutputSpan<UInt8>) {
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

  /// `text` in quotes, appended to an array.
  static func appendString(_ text: String, to out: inout [UInt8]) {
    let bytes = Array(text.utf8)
    out.append(addingCapacity: room(forString: bytes.span)) { (output: inout OutputSpan<UInt8>) in
      writeString(bytes.span, to: &output)
    }
  }

  private static func writeEscape(_ byte: UInt8, to out: inout OutputSpan<UInt8>) {
    out.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: out.append(UInt8(ascii: "b"))
    case 0x09: out.append(UInt8(ascii: "t"))
    case 0x0A: out.append(UInt8(ascii: "n"))
    case 0x0C: out.append(UInt8(ascii: "f"))
    case 0x0D: out.append(UInt8(ascii: "r"))
    case 0..<0x20:
      write("u00", to: &out)
      out.append(byte >> 4 + 0x30)
      let low = byte & 0xF
      out.append(low < 10 ? low + 0x30 : low - 10 + 0x61)
    default: out.append(byte)
    }
  }
}

import Dataset

/// Writes cells in COPY's text format to a buffer that is reused.
struct CopyText {
  var bytes: [UInt8] = []

  static let tab = UInt8(ascii: "\t")
  static let newline = UInt8(ascii: "\n")

  /// Appends a number, such as the row's line.
  mutating func append(_ number: Int) { bytes += String(number).utf8 }

  /// Appends a cell: NULL as `\N`, text with COPY's escapes, everything else as ISO 8601 or plain digits, which need no escapes.
  mutating func append(_ field: Int, of row: Row) {
    let cell = row.cells[field]
    switch cell.kind {
    case .null: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "N")]
    case .text: appendEscaped(row.text[cell.range])
    default: row.appendText(of: field, to: &bytes)
    }
  }

  private mutating func appendEscaped(_ text: ArraySlice<UInt8>) {
    for byte in text {
      switch byte {
      case UInt8(ascii: "\\"): bytes += [byte, byte]
      case Self.tab: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
      case Self.newline: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
      case UInt8(ascii: "\r"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
      default: bytes.append(byte)
      }
    }
  }
}

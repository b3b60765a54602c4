import Dataset

/// Writes cells as COPY's text format has them, into one buffer that is used again.
struct CopyText {
  var bytes: [UInt8] = []

  static let tab = UInt8(ascii: "\t")
  static let newline = UInt8(ascii: "\n")

  /// A number of our own.
  mutating func append(_ number: Int) { bytes += String(number).utf8 }

  /// NULL as `\N`; text with COPY's escapes; everything else as ISO 8601 and plain digits, which need none.
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

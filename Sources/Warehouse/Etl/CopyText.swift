import Dataset

/// Writes cells as COPY's text format has them, into one buffer that is used again.
struct CopyText {
  var bytes: [UInt8] = []

  static let tab = UInt8(ascii: "\t")
  static let newline = UInt8(ascii: "\n")

  /// NULL as `\N`; text with its escapes; dates and times as ISO 8601 in UTC.
  mutating func append(_ cell: Cell, in row: Row) {
    switch cell.kind {
    case .null: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "N")]
    case .text: appendEscaped(row.text[cell.range])
    case .integer, .year: appendDecimal(cell.payload, scale: 0)
    case .decimal: appendDecimal(cell.payload, scale: Int(cell.scale))
    case .bigDecimal:
      // Postgres reads an exponent: the digits need not be moved.
      bytes += row.text[cell.range]
      bytes += "e\(-cell.scale)".utf8
    case .boolean: bytes.append(cell.payload == 0 ? UInt8(ascii: "f") : UInt8(ascii: "t"))
    case .date: bytes += Day(cell.payload).iso.utf8
    case .time: appendTime(cell.payload)
    case .datetime:
      let day = cell.payload >= 0 ? cell.payload / Self.day : (cell.payload - Self.day + 1) / Self.day
      bytes += Day(day).iso.utf8
      bytes.append(UInt8(ascii: " "))
      appendTime(cell.payload - day * Self.day)
      bytes += "+00".utf8
    }
  }

  private static let day: Int64 = 86_400_000_000

  private mutating func appendTime(_ microseconds: Int64) {
    let seconds = microseconds / 1_000_000
    appendPadded(seconds / 3600, 2)
    bytes.append(UInt8(ascii: ":"))
    appendPadded(seconds / 60 % 60, 2)
    bytes.append(UInt8(ascii: ":"))
    appendPadded(seconds % 60, 2)
    bytes.append(UInt8(ascii: "."))
    appendPadded(microseconds % 1_000_000, 6)
  }

  private mutating func appendPadded(_ number: Int64, _ width: Int) {
    var divisor: Int64 = 1
    for _ in 1..<width { divisor *= 10 }
    while divisor > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }

  mutating func appendDecimal(_ units: Int64, scale: Int) {
    var magnitude = units.magnitude
    if units < 0 { bytes.append(UInt8(ascii: "-")) }
    let start = bytes.count
    var digits = 0
    // From the last digit on, then turned round.
    while digits <= scale || magnitude > 0 {
      if digits == scale, scale > 0 { bytes.append(UInt8(ascii: ".")) }
      bytes.append(UInt8(ascii: "0") + UInt8(magnitude % 10))
      magnitude /= 10
      digits += 1
    }
    bytes[start...].reverse()
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

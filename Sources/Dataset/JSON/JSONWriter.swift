import Support

/// Writes cells as JSON and as plain text into preallocated memory: a row is measured once and then written without capacity checks.
enum JSONWriter {
  /// An upper bound for the bytes of a cell as JSON.
  static func maxByteCount(of cell: Cell, in text: Span<UInt8>) -> Int {
    switch cell.kind {
    case .text: JSONString.room(for: text.extracting(cell.range))
    // Leading zeros, a point, an exponent.
    case .bigDecimal: Int(cell.count) + 96
    default: 48
    }
  }

  /// Writes the cell as a JSON value.
  static func write(_ cell: Cell, _ text: Span<UInt8>, to out: inout OutputSpan<UInt8>) {
    switch cell.kind {
    case .text: JSONString.write(text.extracting(cell.range), to: &out)
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
}

extension JSONWriter {
  static func writeInteger(_ value: Int64, to out: inout OutputSpan<UInt8>) {
    if value < 0 { out.append(UInt8(ascii: "-")) }
    writeDigits(value.magnitude, width: 1, to: &out)
  }

  /// Decimal digits, filled with zeros to `width`.
  static func writeDigits(_ value: UInt64, width: Int, to out: inout OutputSpan<UInt8>) {
    var rest = value
    var digits = InlineArray<20, UInt8>(repeating: 0x30)
    var at = 20
    // Two digits per division: each division depends on the previous one.
    while rest >= 100 {
      let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
      let tens = (pair &* 103) &>> 10
      digits[at - 1] = 0x30 &+ UInt8(truncatingIfNeeded: pair &- tens &* 10)
      digits[at - 2] = 0x30 &+ UInt8(truncatingIfNeeded: tens)
      at -= 2
      rest = quotient
    }
    if rest >= 10 {
      at -= 2
      digits[at] = 0x30 &+ UInt8(truncatingIfNeeded: rest / 10)
      digits[at + 1] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
    } else {
      at -= 1
      digits[at] = 0x30 &+ UInt8(truncatingIfNeeded: rest)
    }
    for index in min(at, 20 - width)..<20 { out.append(digits[index]) }
  }

  /// Writes two digits; `value` is below 100.
  static func writePair(_ value: Int, to out: inout OutputSpan<UInt8>) {
    out.append(0x30 &+ UInt8(truncatingIfNeeded: value / 10))
    out.append(0x30 &+ UInt8(truncatingIfNeeded: value % 10))
  }

  static func writeDecimal(_ value: Int64, scale: Int, to out: inout OutputSpan<UInt8>) {
    if value < 0 { out.append(UInt8(ascii: "-")) }
    guard scale > 0 else { return writeDigits(value.magnitude, width: 1, to: &out) }
    var power: UInt64 = 1
    for _ in 0..<min(scale, 18) { power *= 10 }
    let (whole, fraction) = value.magnitude.quotientAndRemainder(dividingBy: power)
    writeDigits(whole, width: 1, to: &out)
    out.append(UInt8(ascii: "."))
    writeDigits(fraction, width: min(scale, 18), to: &out)
  }

  /// Writes the number with a point if that is short, else with an exponent.
  static func writeBigDecimal(_ text: Span<UInt8>, scale: Int, to out: inout OutputSpan<UInt8>) {
    let sign = text.isEmpty || text[0] != UInt8(ascii: "-") ? 0 : 1
    let digits = text.extracting(sign..<text.count)
    if sign == 1 { out.append(UInt8(ascii: "-")) }
    let whole = digits.count - scale
    if scale > 0, whole > 0 {
      write(digits.extracting(0..<whole), to: &out)
      out.append(UInt8(ascii: "."))
      write(digits.extracting(whole..<digits.count), to: &out)
    } else if scale > 0, whole > -64 {
      write("0.", to: &out)
      for _ in 0..<(-whole) { out.append(0x30) }
      write(digits, to: &out)
    } else {
      write(digits, to: &out)
      if scale != 0 {
        out.append(UInt8(ascii: "e"))
        writeInteger(Int64(-scale), to: &out)
      }
    }
  }

  static func writeDate(_ days: Int64, to out: inout OutputSpan<UInt8>) {
    let (year, month, day) = GregorianCalendar.date(days: days)
    writeDigits(UInt64(clamping: year), width: 4, to: &out)
    out.append(UInt8(ascii: "-"))
    writePair(month, to: &out)
    out.append(UInt8(ascii: "-"))
    writePair(day, to: &out)
  }

  static func writeDatetime(_ microseconds: Int64, to out: inout OutputSpan<UInt8>) {
    let perDay: Int64 = 86_400_000_000
    var days = microseconds / perDay
    var rest = microseconds % perDay
    if rest < 0 {
      days -= 1
      rest += perDay
    }
    writeDate(days, to: &out)
    out.append(UInt8(ascii: "T"))
    writeTime(rest, to: &out)
    out.append(UInt8(ascii: "Z"))
  }

  /// Writes `hh:mm:ss`, and the fraction without trailing zeros, if there is one.
  static func writeTime(_ microseconds: Int64, to out: inout OutputSpan<UInt8>) {
    let seconds = Int(microseconds / 1_000_000)
    writePair(seconds / 3600, to: &out)
    out.append(UInt8(ascii: ":"))
    writePair(seconds / 60 % 60, to: &out)
    out.append(UInt8(ascii: ":"))
    writePair(seconds % 60, to: &out)
    var fraction = UInt64(clamping: microseconds % 1_000_000)
    guard fraction > 0 else { return }
    var width = 6
    while fraction % 10 == 0 {
      fraction /= 10
      width -= 1
    }
    out.append(UInt8(ascii: "."))
    writeDigits(fraction, width: width, to: &out)
  }
}

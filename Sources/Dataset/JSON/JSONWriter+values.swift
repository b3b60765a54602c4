extension JSONWriter {
  static func appendInteger(_ value: Int64, to out: inout [UInt8]) {
    if value < 0 { out.append(UInt8(ascii: "-")) }
    appendDigits(value.magnitude, width: 1, to: &out)
  }

  /// Decimal digits, filled with zeros to `width`.
  static func appendDigits(_ value: UInt64, width: Int, to out: inout [UInt8]) {
    var rest = value
    var digits = InlineArray<20, UInt8>(repeating: 0x30)
    var at = 20
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      at -= 1
      digits[at] = 0x30 &+ UInt8(truncatingIfNeeded: digit)
      rest = quotient
    } while rest > 0
    at = min(at, 20 - width)
    out.append(addingCapacity: 20) { (output: inout OutputSpan<UInt8>) in
      for index in at..<20 { output.append(digits[index]) }
    }
  }

  static func appendDecimal(_ value: Int64, scale: Int, to out: inout [UInt8]) {
    if value < 0 { out.append(UInt8(ascii: "-")) }
    guard scale > 0 else { return appendDigits(value.magnitude, width: 1, to: &out) }
    var power: UInt64 = 1
    for _ in 0..<min(scale, 18) { power *= 10 }
    let (whole, fraction) = value.magnitude.quotientAndRemainder(dividingBy: power)
    appendDigits(whole, width: 1, to: &out)
    out.append(UInt8(ascii: "."))
    appendDigits(fraction, width: min(scale, 18), to: &out)
  }

  /// With a point where that is short, else with an exponent.
  static func appendBigDecimal(_ text: ArraySlice<UInt8>, scale: Int, to out: inout [UInt8]) {
    var digits = text
    if digits.first == UInt8(ascii: "-") {
      digits.removeFirst()
      out.append(UInt8(ascii: "-"))
    }
    let whole = digits.count - scale
    if scale > 0, whole > 0 {
      out.append(contentsOf: digits.prefix(whole))
      out.append(UInt8(ascii: "."))
      out.append(contentsOf: digits.suffix(scale))
    } else if scale > 0, whole > -64 {
      out.append(contentsOf: "0.".utf8)
      out.append(contentsOf: repeatElement(0x30, count: -whole))
      out.append(contentsOf: digits)
    } else {
      out.append(contentsOf: digits)
      if scale != 0 {
        out.append(UInt8(ascii: "e"))
        appendInteger(Int64(-scale), to: &out)
      }
    }
  }

  static func appendDate(_ days: Int64, to out: inout [UInt8]) {
    let (year, month, day) = GregorianCalendar.date(days: days)
    appendDigits(UInt64(clamping: year), width: 4, to: &out)
    out.append(UInt8(ascii: "-"))
    appendDigits(UInt64(clamping: month), width: 2, to: &out)
    out.append(UInt8(ascii: "-"))
    appendDigits(UInt64(clamping: day), width: 2, to: &out)
  }

  static func appendDatetime(_ microseconds: Int64, to out: inout [UInt8]) {
    let perDay: Int64 = 86_400_000_000
    var days = microseconds / perDay
    var rest = microseconds % perDay
    if rest < 0 {
      days -= 1
      rest += perDay
    }
    appendDate(days, to: &out)
    out.append(UInt8(ascii: "T"))
    appendTime(rest, to: &out)
    out.append(UInt8(ascii: "Z"))
  }

  /// `hh:mm:ss`, and the fraction that there is without zeros at its end.
  static func appendTime(_ microseconds: Int64, to out: inout [UInt8]) {
    let seconds = UInt64(clamping: microseconds / 1_000_000)
    appendDigits(seconds / 3600, width: 2, to: &out)
    out.append(UInt8(ascii: ":"))
    appendDigits(seconds / 60 % 60, width: 2, to: &out)
    out.append(UInt8(ascii: ":"))
    appendDigits(seconds % 60, width: 2, to: &out)
    var fraction = UInt64(clamping: microseconds % 1_000_000)
    guard fraction > 0 else { return }
    var width = 6
    while fraction % 10 == 0 {
      fraction /= 10
      width -= 1
    }
    out.append(UInt8(ascii: "."))
    appendDigits(fraction, width: width, to: &out)
  }
}

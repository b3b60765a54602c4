extension CellParser {
  /// What a cell of this field must be, for error messages.
  var expectation: String {
    switch type {
    case .string: "a text"
    case .integer: "a whole number"
    case .number: "a number"
    case .boolean(let format): "one of \((format.trueValues + format.falseValues).joined(separator: ", "))"
    case .date(.iso): "a date (YYYY-MM-DD)"
    case .date(.pattern(let pattern)): "a date (\(pattern.source))"
    case .datetime(.iso): "a date and time (YYYY-MM-DDThh:mm:ssZ)"
    case .datetime(.pattern(let pattern)): "a date and time (\(pattern.source))"
    case .time(.iso): "a time (hh:mm:ss)"
    case .time(.pattern(let pattern)): "a time (\(pattern.source))"
    case .year: "a year (YYYY)"
    }
  }

  func reason(_ fault: DecimalParser.ParseError, _ bytes: Span<UInt8>, _ range: Range<Int>) -> RejectReason {
    let shown = "\"\(UTF8Check.shown(bytes, range))\""
    switch fault {
    case .notANumber, .notWhole: return RejectReason(.wrongType, "\(check.label): \(shown) is not \(expectation)")
    case .outOfRange:
      let limit = if case .integer = type { "does not fit 64 bits" } else { "is longer than a number can be" }
      return RejectReason(.outOfRange, "\(check.label): \(shown) \(limit)")
    }
  }

  /// `range` without blanks at its ends.
  static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, isBlank(bytes[start]) { start += 1 }
    while start < end, isBlank(bytes[end - 1]) { end -= 1 }
    return start..<end
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

  static func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: String) -> Bool {
    guard text.utf8.count == range.count else { return false }
    var at = range.lowerBound
    for byte in text.utf8 {
      if bytes[at] != byte { return false }
      at += 1
    }
    return true
  }
}

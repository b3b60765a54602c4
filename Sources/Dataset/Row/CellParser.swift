/// Parses the cells of one field: text to a typed value, by the field's type, format, missing values and constraints.
///
/// A string cell keeps its blanks. Other types are read without the blanks at their ends, which XML Schema collapses too.
final class CellParser {
  let type: FieldType
  let missing: [[UInt8]]
  let validator: FieldValidator

  init(field: Field, isKey: Bool) {
    type = field.type
    missing = field.missingValues.map { Array($0.utf8) }
    validator = FieldValidator(label: field.header, field: field, isKey: isKey)
  }

  /// The value of `range`; text and long decimals are appended to `text`. The bytes in `range` must be valid UTF-8.
  func parse(_ bytes: Span<UInt8>, _ range: Range<Int>, into text: inout [UInt8]) throws(RejectReason) -> Cell {
    let inner = type == .string ? range : Self.trimmed(bytes, range)
    if isMissing(bytes, range) || (inner != range && isMissing(bytes, inner)) {
      if validator.isRequired { throw validator.missing }
      return .null
    }
    let cell = try parseValue(bytes, inner, into: &text)
    if validator.hasConstraints {
      try validator.validate(cell, in: text, spelling: shown(bytes, range))
    }
    return cell
  }

  /// A value of this type; text and long decimals are appended to `text`.
  func parseValue(_ bytes: Span<UInt8>, _ range: Range<Int>, into text: inout [UInt8]) throws(RejectReason) -> Cell {
    switch type {
    case .string:
      let start = text.count
      for index in range {
        let byte = bytes[index]
        if byte == 0 { throw RejectReason(.zeroCharacter, "\(validator.label): U+0000 in a text, which no table can hold") }
        text.append(byte)
      }
      return Cell(.text, start: Int32(start), count: Int32(range.count))
    case .integer(let format), .number(let format):
      do throws(DecimalParser.ParseError) {
        return try number(bytes, range, format, into: &text)
      } catch {
        throw reason(error, bytes, range)
      }
    default:
      if let cell = parseIfValid(bytes, range, into: &text) { return cell }
    }
    throw RejectReason(.wrongType, "\(validator.label): \(shown(bytes, range)) is not \(expectation)")
  }

  /// A value of this type; nil for any other, without a reason, which costs more time to format than the value to read. Not for strings.
  func parseIfValid(_ bytes: Span<UInt8>, _ range: Range<Int>, into text: inout [UInt8]) -> Cell? {
    switch type {
    case .string: return nil
    case .integer(let format), .number(let format): return try? number(bytes, range, format, into: &text)
    case .boolean(let format):
      if format.trueValues.contains(where: { Self.equal(bytes, range, $0) }) { return Cell(.boolean, payload: 1) }
      if format.falseValues.contains(where: { Self.equal(bytes, range, $0) }) { return Cell(.boolean, payload: 0) }
      return nil
    case .date(let format): return format.days(bytes, range).map { Cell(.date, payload: $0) }
    case .datetime(let format): return format.instant(bytes, range).map { Cell(.datetime, payload: $0) }
    case .time(let format): return format.time(bytes, range).map { Cell(.time, payload: $0) }
    case .year:
      guard range.count == 4, let year = ISOTime.number(bytes, range.lowerBound, 4) else { return nil }
      return Cell(.year, payload: Int64(year))
    }
  }

  private func isMissing(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    for value in missing where value.count == range.count {
      var offset = 0
      while offset < value.count, bytes[range.lowerBound + offset] == value[offset] { offset += 1 }
      if offset == value.count { return true }
    }
    return false
  }

  private func shown(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String { "\"\(UTF8Check.excerpt(bytes, range))\"" }
}

extension CellParser {
  /// Parses a number in the field's format.
  func number(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ format: NumberFormat, into text: inout [UInt8]
  ) throws(DecimalParser.ParseError) -> Cell {
    let isWhole = if case .integer = type { true } else { false }
    if format.isPlain {
      return isWhole ? try DecimalParser.integer(bytes, range) : try DecimalParser.number(bytes, range, into: &text)
    }
    let plain = try plainSpelling(bytes, range, format)
    return isWhole
      ? try DecimalParser.integer(plain.span, 0..<plain.count) : try DecimalParser.number(plain.span, 0..<plain.count, into: &text)
  }

  /// The number in JSON's spelling: without units and groups, and with a decimal point.
  private func plainSpelling(_ bytes: Span<UInt8>, _ range: Range<Int>, _ format: NumberFormat) throws(DecimalParser.ParseError) -> [UInt8]
  {
    var cell: [UInt8] = []
    for index in range { cell.append(bytes[index]) }
    if !format.bareNumber { cell = try bare(cell, point: Array(format.decimalChar.utf8)) }
    let group = Array((format.groupChar ?? "").utf8)
    let point = Array(format.decimalChar.utf8)
    if !group.isEmpty, !Self.isGrouped(cell, by: group, point: point) { throw .notANumber }
    var plain: [UInt8] = []
    var at = 0
    var fraction = false
    while at < cell.count {
      if cell[at...].starts(with: point) {
        plain.append(UInt8(ascii: "."))
        at += point.count
        fraction = true
      } else if !group.isEmpty, !fraction, cell[at...].starts(with: group) {
        at += group.count
      } else {
        // A point that is not this column's decimal character would be read as one.
        if cell[at] == UInt8(ascii: ".") { throw .notANumber }
        plain.append(cell[at])
        at += 1
      }
    }
    return plain
  }

  /// True if three digits follow each group mark, counted from the decimal mark, and the first group has one to three digits and no leading
  /// zero. A mark elsewhere is most likely a decimal mark (1.5 is not 15, and 0.500 is not 500).
  private static func isGrouped(_ cell: [UInt8], by group: [UInt8], point: [UInt8]) -> Bool {
    var whole = cell[...]
    if whole.first == UInt8(ascii: "-") || whole.first == UInt8(ascii: "+") { whole.removeFirst() }
    var sizes = [0]
    let first = whole.first
    while let byte = whole.first, !whole.starts(with: point) {
      if whole.starts(with: group) {
        sizes.append(0)
        whole.removeFirst(group.count)
      } else {
        guard byte &- 0x30 < 10 || sizes.count == 1 else { return false }
        sizes[sizes.count - 1] += 1
        whole.removeFirst()
      }
    }
    return sizes.count == 1 || ((1...3).contains(sizes[0]) && first != UInt8(ascii: "0") && sizes.dropFirst().allSatisfy { $0 == 3 })
  }

  /// The number without the text before its first digit or sign and after its last digit. A number in parentheses is rejected: accountants mean
  /// its negative, others do not.
  private func bare(_ cell: [UInt8], point: [UInt8]) throws(DecimalParser.ParseError) -> [UInt8] {
    func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    if cell.contains(UInt8(ascii: "(")) { throw .notANumber }
    guard let first = cell.firstIndex(where: { isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }),
      let last = cell.lastIndex(where: isDigit), first <= last
    else { throw .notANumber }
    // The sign may precede the unit: -$12.
    guard let digit = cell.firstIndex(where: isDigit) else { throw .notANumber }
    // Ambiguous: Rs. 500 or .500, which differ by a factor of 1000.
    if cell[..<digit].suffix(point.count).elementsEqual(point) { throw .notANumber }
    let sign = isDigit(cell[first]) ? [] : [cell[first]]
    return sign + cell[digit...last]
  }
}

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
    let shown = "\"\(UTF8Check.excerpt(bytes, range))\""
    switch fault {
    case .notANumber, .notWhole: return RejectReason(.wrongType, "\(validator.label): \(shown) is not \(expectation)")
    case .outOfRange:
      let limit = if case .integer = type { "does not fit 64 bits" } else { "is longer than a number can be" }
      return RejectReason(.outOfRange, "\(validator.label): \(shown) \(limit)")
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

extension TemporalFormat {
  func days(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
    switch self {
    case .iso: ISOTime.date(bytes, range)
    case .pattern(let pattern): pattern.read(bytes, range)?.days
    }
  }

  func instant(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
    switch self {
    case .iso: return ISOTime.datetime(bytes, range)
    case .pattern(let pattern):
      guard let instant = pattern.read(bytes, range)?.instant, ISOTime.isInRange(instant) else { return nil }
      return instant
    }
  }

  func time(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
    switch self {
    case .iso: ISOTime.time(bytes, range)
    case .pattern(let pattern): pattern.read(bytes, range)?.timeOfDay
    }
  }

  /// The format of values in messages that are not in ISO 8601; nil if one value could mean two dates: 2026-01-02 in %Y-%d-%m.
  var besideISO: TemporalFormat? {
    guard case .pattern(let pattern) = self, !pattern.source.hasPrefix("%Y-%d") else { return nil }
    return self
  }
}

/// Parses the cells of one field: text to a typed value, by the field's type, format, missing values and constraints.
///
/// A string cell keeps its blanks. Other types are read without the blanks at their ends, which XML Schema collapses too.
final class CellParser {
  let type: FieldType
  let missing: [[UInt8]]
  let check: FieldValidator

  init(field: Field, isKey: Bool) {
    type = field.type
    missing = field.missingValues.map { Array($0.utf8) }
    check = FieldValidator(label: field.header, field: field, isKey: isKey)
  }

  /// The value of `range`; text and long decimals are appended to `text`. The bytes in `range` must be valid UTF-8.
  func read(_ bytes: Span<UInt8>, _ range: Range<Int>, into text: inout [UInt8]) throws(RejectReason) -> Cell {
    let inner = type == .string ? range : Self.trimmed(bytes, range)
    if isMissing(bytes, range) || (inner != range && isMissing(bytes, inner)) {
      if check.isRequired { throw check.missing }
      return .null
    }
    let cell = try value(bytes, inner, into: &text)
    if check.holdsValues {
      try check.hold(cell, in: text, spelling: shown(bytes, range))
    }
    return cell
  }

  /// A value of this type; text and long decimals are appended to `text`.
  func value(_ bytes: Span<UInt8>, _ range: Range<Int>, into text: inout [UInt8]) throws(RejectReason) -> Cell {
    switch type {
    case .string:
      let start = text.count
      for index in range {
        let byte = bytes[index]
        if byte == 0 { throw RejectReason(.zeroCharacter, "\(check.label): U+0000 in a text, which no table can hold") }
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
      if let cell = plainValue(bytes, range, into: &text) { return cell }
    }
    throw RejectReason(.wrongType, "\(check.label): \(shown(bytes, range)) is not \(expectation)")
  }

  /// A value of this type; nil for any other, without a reason, which costs more time to format than the value to read. Not for strings.
  func plainValue(_ bytes: Span<UInt8>, _ range: Range<Int>, into text: inout [UInt8]) -> Cell? {
    switch type {
    case .string: return nil
    case .integer(let format), .number(let format): return try? number(bytes, range, format, into: &text)
    case .boolean(let format):
      if format.trueValues.contains(where: { Self.equal(bytes, range, $0) }) { return Cell(.boolean, payload: 1) }
      if format.falseValues.contains(where: { Self.equal(bytes, range, $0) }) { return Cell(.boolean, payload: 0) }
      return nil
    case .date(let format): return days(bytes, range, format).map { Cell(.date, payload: $0) }
    case .datetime(let format): return instant(bytes, range, format).map { Cell(.datetime, payload: $0) }
    case .time(let format): return time(bytes, range, format).map { Cell(.time, payload: $0) }
    case .year:
      guard range.count == 4, let year = ISOTime.number(bytes, range.lowerBound, 4) else { return nil }
      return Cell(.year, payload: Int64(year))
    }
  }

  private func days(_ bytes: Span<UInt8>, _ range: Range<Int>, _ format: TemporalFormat) -> Int64? {
    switch format {
    case .iso: ISOTime.date(bytes, range)
    case .pattern(let pattern): pattern.read(bytes, range)?.days
    }
  }

  private func instant(_ bytes: Span<UInt8>, _ range: Range<Int>, _ format: TemporalFormat) -> Int64? {
    switch format {
    case .iso: return ISOTime.datetime(bytes, range)
    case .pattern(let pattern):
      guard let instant = pattern.read(bytes, range)?.instant, ISOTime.isInRange(instant) else { return nil }
      return instant
    }
  }

  private func time(_ bytes: Span<UInt8>, _ range: Range<Int>, _ format: TemporalFormat) -> Int64? {
    switch format {
    case .iso: ISOTime.time(bytes, range)
    case .pattern(let pattern): pattern.read(bytes, range)?.timeOfDay
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

  private func shown(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String { "\"\(UTF8Check.shown(bytes, range))\"" }
}

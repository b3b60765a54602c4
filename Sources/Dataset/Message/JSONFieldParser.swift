/// Reads the JSON values of one field.
final class JSONFieldParser {
  enum ParseError: Error {
    /// The payload is not JSON: nothing more can be read.
    case json(JSONSyntaxError)
    /// The value is not valid for the field. Reading can continue; a later value of the same name may be valid.
    case reject(RejectReason)
  }

  let type: FieldType
  let validator: FieldValidator

  init(field: Field, isKey: Bool) {
    type = field.type
    validator = FieldValidator(label: field.column, field: field, isKey: isKey)
  }

  func missing(wasThere: Bool) -> RejectReason {
    let what = wasThere ? "is null" : "is not in the message"
    return validator.isKey
      ? RejectReason(.key, "\(validator.label): part of the key, and \(what)")
      : RejectReason(.required, "\(validator.label): required, and \(what)")
  }

  /// Reads the value at `at` and advances past it. The caller checks whether null is allowed.
  func read(_ bytes: Span<UInt8>, _ at: inout Int, into text: inout [UInt8], scratch: inout [UInt8]) throws(ParseError) -> Cell {
    JSONScanner.skipBlanks(bytes, &at)
    let start = at
    let cell: Cell
    do throws(JSONSyntaxError) {
      guard at < bytes.count else { throw JSONSyntaxError(offset: at, message: "the text ends early") }
      let first = bytes[at]
      // A value of any kind is read to its end before it is validated.
      switch first {
      case UInt8(ascii: "\""):
        scratch.removeAll(keepingCapacity: true)
        try JSONScanner.readString(bytes, &at, into: &scratch)
      default: try JSONScanner.skipValue(bytes, &at, scratch: &scratch)
      }
    } catch {
      throw .json(error)
    }
    let range = start..<at
    do throws(RejectReason) {
      cell = try value(bytes, range, string: scratch.span, into: &text)
      if validator.hasConstraints, cell.kind != .null {
        try validator.validate(cell, in: text, spelling: UTF8Check.excerpt(bytes, range))
      }
    } catch {
      throw .reject(error)
    }
    return cell
  }

  /// - Parameter string: the text of a JSON string.
  private func value(_ bytes: Span<UInt8>, _ range: Range<Int>, string: Span<UInt8>, into text: inout [UInt8]) throws(RejectReason) -> Cell
  {
    let all = 0..<string.count
    switch (bytes[range.lowerBound], type) {
    case (UInt8(ascii: "n"), _): return .null
    case (UInt8(ascii: "{"), _), (UInt8(ascii: "["), _):
      throw RejectReason(.nested, "\(validator.label): a nested value (\(UTF8Check.excerpt(bytes, range))), and must be \(expectation)")
    case (UInt8(ascii: "t"), .boolean): return Cell(.boolean, payload: 1)
    case (UInt8(ascii: "f"), .boolean): return Cell(.boolean, payload: 0)
    case (UInt8(ascii: "-"), .integer), (0x30...0x39, .integer): return try number(bytes, range, whole: true, into: &text)
    case (UInt8(ascii: "-"), .number), (0x30...0x39, .number): return try number(bytes, range, whole: false, into: &text)
    case (0x30...0x39, .year):
      let cell = try number(bytes, range, whole: true, into: &text)
      if cell.payload <= 9999 { return Cell(.year, payload: cell.payload) }
    case (UInt8(ascii: "\""), .string):
      let start = text.count
      for index in all {
        if string[index] == 0 { throw RejectReason(.zeroCharacter, "\(validator.label): U+0000 in a text, which no table can hold") }
        text.append(string[index])
      }
      return Cell(.text, start: Int32(start), count: Int32(all.count))
    case (UInt8(ascii: "\""), .date(let format)):
      if let days = ISOTime.date(string, all) ?? format.besideISO?.days(string, all) { return Cell(.date, payload: days) }
    case (UInt8(ascii: "\""), .datetime(let format)):
      if let instant = ISOTime.datetime(string, all) ?? format.besideISO?.instant(string, all) { return Cell(.datetime, payload: instant) }
    case (UInt8(ascii: "\""), .time(let format)):
      if let time = ISOTime.time(string, all) ?? format.besideISO?.time(string, all) { return Cell(.time, payload: time) }
    default: break
    }
    throw RejectReason(.wrongType, "\(validator.label): \(UTF8Check.excerpt(bytes, range)) is not \(expectation)")
  }

  private func number(_ bytes: Span<UInt8>, _ range: Range<Int>, whole: Bool, into text: inout [UInt8]) throws(RejectReason) -> Cell {
    do throws(DecimalParser.ParseError) {
      return whole ? try DecimalParser.wholeNumber(bytes, range) : try DecimalParser.number(bytes, range, into: &text)
    } catch {
      let shown = UTF8Check.excerpt(bytes, range)
      if error == .outOfRange {
        throw RejectReason(.outOfRange, "\(validator.label): \(shown) \(whole ? "does not fit 64 bits" : "is longer than a number can be")")
      }
      throw RejectReason(.wrongType, "\(validator.label): \(shown) is not \(expectation)")
    }
  }

  /// What a value of this field must be, for error messages.
  private var expectation: String {
    switch type {
    case .string: "a string"
    case .integer: "a whole number"
    case .number: "a number"
    case .boolean: "true or false"
    case .date: "a date (\"YYYY-MM-DD\")"
    case .datetime: "a date and time (\"YYYY-MM-DDThh:mm:ssZ\")"
    case .time: "a time (\"hh:mm:ss\")"
    case .year: "a year (YYYY)"
    }
  }
}

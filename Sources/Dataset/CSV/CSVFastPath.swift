import Support

/// The CSV fast path: reads records in the simplest spelling in one pass, without splitting them into cells first.
///
/// It returns -1 for everything else (quotes inside quotes, faults, the end of the bytes in memory), and the general path then reads that record from its
/// start. For every record that it does read, the general path gives the same result; a fuzz target compares the two.
struct CSVFastPath {
  enum Kind {
    case skipped
    case text
    case integer
    case number
    /// Year, month and day of fixed width.
    case date(FixedWidthDate)
    /// Read by the field's CellParser.
    case general
  }

  struct Step {
    let kind: Kind
    let field: Int
    /// An empty cell is null.
    let emptyIsNull: Bool
  }

  let steps: [Step]
  let limits: [FastPathLimits?]
  let delimiter: UInt8
  let quote: UInt8
  let hasQuotes: Bool

  /// Nil if the fast path does not support the dialect.
  init?(_ resource: Resource, fieldOfColumn: [Int]) {
    let dialect = resource.dialect
    if dialect.skipInitialSpace || dialect.comment != nil { return nil }
    // A letter, a digit or a sign as the delimiter could be part of a value.
    switch dialect.delimiter {
    case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|"), 0x09: break
    default: return nil
    }
    delimiter = dialect.delimiter
    quote = dialect.quote ?? 0
    hasQuotes = dialect.quote != nil
    steps = fieldOfColumn.map { Self.step(resource, $0) }
    limits = fieldOfColumn.map { $0 < 0 ? nil : FastPathLimits(resource.fields[$0].constraints) }
  }

  private static func step(_ resource: Resource, _ index: Int) -> Step {
    guard index >= 0 else { return Step(kind: .skipped, field: index, emptyIsNull: false) }
    let field = resource.fields[index]
    let plain = field.missingValues == [""] || field.missingValues.isEmpty
    let emptyIsNull = field.missingValues.contains("") && !resource.isRequired(index)
    let looksLikeNumber = field.missingValues.contains { $0.unicodeScalars.contains { ("0"..."9").contains($0) } }
    var kind = Kind.general
    switch field.type {
    case .string: if field.missingValues == [""], !field.constraints.hasConstraints { kind = .text }
    case .integer(let format): if format.isPlain, !looksLikeNumber, FastPathLimits(field.constraints) != nil { kind = .integer }
    case .number(let format): if format.isPlain, !looksLikeNumber, FastPathLimits(field.constraints) != nil { kind = .number }
    case .date(let format): if plain, !field.constraints.hasConstraints, let fixed = FixedWidthDate(format) { kind = .date(fixed) }
    default: break
    }
    return Step(kind: kind, field: index, emptyIsNull: emptyIsNull)
  }

  /// Reads the record that begins at `start`. Returns the start of the next record, or -1 if the general path must read this one.
  func read(_ bytes: Span<UInt8>, from start: Int, into row: inout Row, _ parsers: [CellParser]) -> Int {
    // A blank line is not a row of empty cells.
    guard start < bytes.count, bytes[start] != 0x0A, bytes[start] != 0x0D else { return -1 }
    row.text.removeAll(keepingCapacity: true)
    var at = start
    var isBlank = true
    for column in steps.indices {
      let step = steps[column]
      guard at < bytes.count else { return -1 }
      let isQuoted = hasQuotes && bytes[at] == quote
      if isQuoted {
        at += 1
        guard at < bytes.count else { return -1 }
      }
      let isEmpty = isQuoted ? bytes[at] == quote : bytes[at] == delimiter || bytes[at] == 0x0A || bytes[at] == 0x0D
      isBlank = isBlank && isEmpty
      if isEmpty, step.emptyIsNull {
        row.cells[step.field] = .null
      } else {
        switch step.kind {
        case .integer:
          guard let cell = integer(bytes, &at, column) else { return -1 }
          row.cells[step.field] = cell
        case .number:
          guard let cell = number(bytes, &at, column) else { return -1 }
          row.cells[step.field] = cell
        case .date(let fixed):
          guard let days = fixed.read(bytes, &at) else { return -1 }
          row.cells[step.field] = Cell(.date, payload: days)
        case .text, .general, .skipped:
          guard let range = skipText(bytes, &at, isQuoted: isQuoted),
            let cell = value(step, bytes, range, &row.text, parsers)
          else { return -1 }
          if step.field >= 0 { row.cells[step.field] = cell }
        }
      }
      if isQuoted {
        guard at < bytes.count, bytes[at] == quote else { return -1 }
        at += 1
      }
      guard at < bytes.count else { return -1 }
      if column + 1 < steps.count {
        guard bytes[at] == delimiter else { return -1 }
        at += 1
      }
    }
    if isBlank { return -1 }
    if bytes[at] == 0x0A { return at + 1 }
    guard bytes[at] == 0x0D, at + 1 < bytes.count, bytes[at + 1] == 0x0A else { return -1 }
    return at + 2
  }
}

extension CSVFastPath {
  @inline(__always)
  func integer(_ bytes: Span<UInt8>, _ at: inout Int, _ column: Int) -> Cell? {
    let negative = bytes[at] == UInt8(ascii: "-")
    if negative { at += 1 }
    var value: Int64 = 0
    let count = Digits.read(bytes, &at, into: &value)
    guard count > 0, count <= Digits.maxCount else { return nil }
    if negative { value = -value }
    guard limits[column]?.contains(value, scale: 0) == true else { return nil }
    return Cell(.integer, payload: value)
  }

  @inline(__always)
  func number(_ bytes: Span<UInt8>, _ at: inout Int, _ column: Int) -> Cell? {
    let negative = bytes[at] == UInt8(ascii: "-")
    if negative { at += 1 }
    var value: Int64 = 0
    let whole = Digits.read(bytes, &at, into: &value)
    var scale = 0
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      scale = Digits.read(bytes, &at, into: &value)
    }
    guard whole + scale > 0, whole + scale <= Digits.maxCount else { return nil }
    if negative { value = -value }
    guard limits[column]?.contains(value, scale: scale) == true else { return nil }
    return Cell(.decimal, payload: value, scale: Int32(scale))
  }

  /// Advances to the end of a text cell and returns its byte range; nil if the cell needs the general path.
  func skipText(_ bytes: Span<UInt8>, _ at: inout Int, isQuoted: Bool) -> Range<Int>? {
    let start = at
    var seen: UInt8 = 0
    while at < bytes.count {
      let byte = bytes[at]
      if isQuoted ? byte == quote : byte == delimiter { break }
      if byte == 0x0A || byte == 0x0D {
        // A line end inside quotes makes the record longer than a line.
        if isQuoted { return nil }
        break
      }
      if byte == 0 { return nil }
      seen |= byte
      at += 1
    }
    // The cell may continue beyond the bytes in memory.
    guard at < bytes.count else { return nil }
    if seen >= 0x80, UTF8Check.firstInvalidByte(in: bytes, start..<at) != nil { return nil }
    return start..<at
  }

  func value(_ step: Step, _ bytes: Span<UInt8>, _ range: Range<Int>, _ text: inout [UInt8], _ parsers: [CellParser]) -> Cell? {
    switch step.kind {
    case .skipped: return .null
    case .text:
      guard !range.isEmpty else { return nil }
      let first = text.count
      text.append(addingCapacity: range.count) { (output: inout OutputSpan<UInt8>) in
        for index in range { output.append(bytes[index]) }
      }
      return Cell(.text, start: Int32(first), count: Int32(range.count))
    default: return try? parsers[step.field].parse(bytes, range, into: &text)
    }
  }
}

/// A date whose year, month and day are at fixed offsets, such as `%d-%m-%Y` with a two-digit day and month.
struct FixedWidthDate {
  private var year = 0
  private var month = 0
  private var day = 0
  private var length = 0
  /// The bytes between the parts; 0 if there is none.
  private var firstMark = (offset: 0, byte: UInt8(0))
  private var secondMark = (offset: 0, byte: UInt8(0))

  /// Nil if the format is not `part mark part mark part`.
  init?(_ format: TemporalFormat) {
    var items: [TimePattern.Item]
    switch format {
    case .iso:
      items = [
        .directive(UInt8(ascii: "Y")), .literal(UInt8(ascii: "-")), .directive(UInt8(ascii: "m")), .literal(UInt8(ascii: "-")),
        .directive(UInt8(ascii: "d")),
      ]
    case .pattern(let pattern): items = pattern.items
    }
    guard items.count == 5, case .literal(let first) = items[1], case .literal(let second) = items[3] else { return nil }
    for item in items {
      switch item {
      case .directive(UInt8(ascii: "Y")):
        year = length
        length += 4
      case .directive(UInt8(ascii: "m")):
        month = length
        length += 2
      case .directive(UInt8(ascii: "d")):
        day = length
        length += 2
      case .literal:
        if firstMark.byte == 0 { firstMark = (length, first) } else { secondMark = (length, second) }
        length += 1
      default: return nil
      }
    }
    guard length == 10 else { return nil }
  }

  /// Days since 1970-01-01 of the date at `at`, and advances past it; nil if the spelling differs or the day does not exist.
  @inline(__always)
  func read(_ bytes: Span<UInt8>, _ at: inout Int) -> Int64? {
    guard at + 10 <= bytes.count, bytes[at + firstMark.offset] == firstMark.byte, bytes[at + secondMark.offset] == secondMark.byte else {
      return nil
    }
    let century = Digits.two(bytes, at + year)
    let years = Digits.two(bytes, at + year + 2)
    let month = Digits.two(bytes, at + self.month)
    let day = Digits.two(bytes, at + self.day)
    guard century != 255, years != 255, month != 255, day != 255 else { return nil }
    at += 10
    return GregorianCalendar.days(year: Int(century) * 100 + Int(years), month: Int(month), day: Int(day))
  }
}

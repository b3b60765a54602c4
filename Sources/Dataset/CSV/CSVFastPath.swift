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
  let bounds: [FastPathLimits?]
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
    bounds = fieldOfColumn.map { $0 < 0 ? nil : FastPathLimits(resource.fields[$0].constraints) }
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
  func read(_ bytes: Span<UInt8>, from start: Int, into row: inout Row, _ readers: [CellParser]) -> Int {
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
          guard let range = passOver(bytes, &at, isQuoted: isQuoted),
            let cell = value(step, bytes, range, &row.text, readers)
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

import Support

/// The JSON fast path: reads messages as MessageEncoder writes them, with the members in the description's order; blanks between them are allowed.
///
/// It returns false for any other JSON and for every fault; the general path then reads the message from its start and reports the fault. A fuzz target
/// compares the two.
struct JSONFastPath {
  enum Kind {
    case text
    case integer
    case number
    case date
    case general
  }

  struct Step {
    let kind: Kind
    /// The range of its prefix, such as `,"ucan_arpu":`, in `prefixes`.
    let prefix: Range<Int>
    let nullable: Bool
  }

  private var steps: [Step] = []
  private var prefixes: [UInt8] = []
  let limits: [FastPathLimits?]

  init(_ resource: Resource) {
    limits = resource.fields.map { FastPathLimits($0.constraints) }
    for (index, field) in resource.fields.enumerated() {
      let start = prefixes.count
      prefixes.append(index == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
      JSONString.append(field.column, to: &prefixes)
      prefixes.append(UInt8(ascii: ":"))
      var kind = Kind.general
      switch field.type {
      case .string: if !field.constraints.hasConstraints { kind = .text }
      case .integer: if limits[index] != nil { kind = .integer }
      case .number: if limits[index] != nil { kind = .number }
      case .date: if !field.constraints.hasConstraints { kind = .date }
      default: break
      }
      steps.append(Step(kind: kind, prefix: start..<prefixes.count, nullable: !resource.isRequired(index)))
    }
  }

  /// Returns false if the general path must read the message.
  func read(_ bytes: Span<UInt8>, into row: inout Row, _ parsers: [JSONFieldParser], scratch: inout [UInt8]) -> Bool {
    row.text.removeAll(keepingCapacity: true)
    var at = 0
    for index in steps.indices {
      let step = steps[index]
      guard matchPrefix(bytes, &at, step.prefix) || matchSpacedPrefix(bytes, &at, step.prefix), at < bytes.count else { return false }
      if bytes[at] <= 0x20 {
        JSONScanner.skipBlanks(bytes, &at)
        guard at < bytes.count else { return false }
      }
      if bytes[at] == UInt8(ascii: "n") {
        guard step.nullable, (try? JSONScanner.expect("null", bytes, &at)) != nil else { return false }
        row.cells[index] = .null
        continue
      }
      switch step.kind {
      case .integer, .number:
        guard let cell = number(bytes, &at, index, allowsPoint: step.kind == .number) else { return false }
        row.cells[index] = cell
      case .date:
        guard let days = Self.date(bytes, &at) else { return false }
        row.cells[index] = Cell(.date, payload: days)
      case .text:
        guard let cell = Self.text(bytes, &at, &row.text) else { return false }
        row.cells[index] = cell
      case .general:
        guard let cell = try? parsers[index].read(bytes, &at, into: &row.text, scratch: &scratch), cell.kind != .null else { return false }
        row.cells[index] = cell
      }
    }
    if at + 1 == bytes.count { return bytes[at] == UInt8(ascii: "}") }
    JSONScanner.skipBlanks(bytes, &at)
    guard at < bytes.count, bytes[at] == UInt8(ascii: "}") else { return false }
    at += 1
    JSONScanner.skipBlanks(bytes, &at)
    return at == bytes.count
  }

  /// Advances past `prefix` if it is at `at`.
  @inline(__always)
  private func matchPrefix(_ bytes: Span<UInt8>, _ at: inout Int, _ prefix: Range<Int>) -> Bool {
    guard prefix.count <= bytes.count - at else { return false }
    let found = bytes.extracting(at..<at + prefix.count)
    let wanted = prefixes.span.extracting(prefix)
    // Without an early exit the compiler vectorizes the loop.
    var difference: UInt8 = 0
    for index in 0..<wanted.count { difference |= found[index] ^ wanted[index] }
    guard difference == 0 else { return false }
    at += prefix.count
    return true
  }

  /// The same, but with blanks allowed around the name, the comma or brace before it and the colon after it, as many programs write them.
  private func matchSpacedPrefix(_ bytes: Span<UInt8>, _ at: inout Int, _ prefix: Range<Int>) -> Bool {
    let inner = prefix.lowerBound + 1..<prefix.upperBound - 1
    JSONScanner.skipBlanks(bytes, &at)
    guard at < bytes.count, bytes[at] == prefixes[prefix.lowerBound] else { return false }
    at += 1
    JSONScanner.skipBlanks(bytes, &at)
    guard matchPrefix(bytes, &at, inner) else { return false }
    JSONScanner.skipBlanks(bytes, &at)
    guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { return false }
    at += 1
    return true
  }
}

extension JSONFastPath {
  @inline(__always)
  func number(_ bytes: Span<UInt8>, _ at: inout Int, _ index: Int, allowsPoint: Bool) -> Cell? {
    let negative = bytes[at] == UInt8(ascii: "-")
    if negative { at += 1 }
    let start = at
    var value: Int64 = 0
    let whole = Digits.read(bytes, &at, into: &value)
    guard whole > 0, whole == 1 || bytes[start] != UInt8(ascii: "0") else { return nil }
    var scale = 0
    if allowsPoint, at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      scale = Digits.read(bytes, &at, into: &value)
      guard scale > 0 else { return nil }
    }
    guard whole + scale <= Digits.maxCount else { return nil }
    if negative { value = -value }
    guard limits[index]?.contains(value, scale: scale) == true else { return nil }
    return Cell(allowsPoint ? .decimal : .integer, payload: value, scale: Int32(scale))
  }

  /// Reads `"yyyy-mm-dd"`.
  @inline(__always)
  static func date(_ bytes: Span<UInt8>, _ at: inout Int) -> Int64? {
    guard at + 12 <= bytes.count, bytes[at] == UInt8(ascii: "\""), bytes[at + 5] == UInt8(ascii: "-"), bytes[at + 8] == UInt8(ascii: "-"),
      bytes[at + 11] == UInt8(ascii: "\"")
    else { return nil }
    let century = Digits.two(bytes, at + 1)
    let years = Digits.two(bytes, at + 3)
    let month = Digits.two(bytes, at + 6)
    let day = Digits.two(bytes, at + 9)
    guard century != 255, years != 255, month != 255, day != 255 else { return nil }
    at += 12
    return GregorianCalendar.days(year: Int(century) * 100 + Int(years), month: Int(month), day: Int(day))
  }

  /// Reads a string without escapes; nil if it needs the general path.
  static func text(_ bytes: Span<UInt8>, _ at: inout Int, _ text: inout [UInt8]) -> Cell? {
    guard bytes[at] == UInt8(ascii: "\"") else { return nil }
    let start = at + 1
    at = start
    var seen: UInt8 = 0
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") || byte < 0x20 { return nil }
      seen |= byte
      at += 1
    }
    guard at < bytes.count else { return nil }
    let end = at
    if seen >= 0x80, UTF8Check.firstInvalidByte(in: bytes, start..<end) != nil { return nil }
    let first = text.count
    text.append(addingCapacity: end - start) { (output: inout OutputSpan<UInt8>) in
      for index in start..<end { output.append(bytes[index]) }
    }
    at += 1
    return Cell(.text, start: Int32(first), count: Int32(end - start))
  }
}

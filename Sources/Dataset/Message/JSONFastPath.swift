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
  let bounds: [FastPathLimits?]

  init(_ resource: Resource) {
    bounds = resource.fields.map { FastPathLimits($0.constraints) }
    for (index, field) in resource.fields.enumerated() {
      let start = prefixes.count
      prefixes.append(index == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
      JSONWriter.appendString(field.column, to: &prefixes)
      prefixes.append(UInt8(ascii: ":"))
      var kind = Kind.general
      switch field.type {
      case .string: if !field.constraints.hasConstraints { kind = .text }
      case .integer: if bounds[index] != nil { kind = .integer }
      case .number: if bounds[index] != nil { kind = .number }
      case .date: if !field.constraints.hasConstraints { kind = .date }
      default: break
      }
      steps.append(Step(kind: kind, prefix: start..<prefixes.count, nullable: !resource.isRequired(index)))
    }
  }

  /// Returns false if the general path must read the message.
  func read(_ bytes: Span<UInt8>, into row: inout Row, _ readers: [JSONFieldParser], scratch: inout [UInt8]) -> Bool {
    row.text.removeAll(keepingCapacity: true)
    var at = 0
    for index in steps.indices {
      let step = steps[index]
      guard pass(bytes, &at, step.prefix) || passLoosely(bytes, &at, step.prefix), at < bytes.count else { return false }
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
        guard let cell = try? readers[index].read(bytes, &at, into: &row.text, scratch: &scratch), cell.kind != .null else { return false }
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
  private func pass(_ bytes: Span<UInt8>, _ at: inout Int, _ prefix: Range<Int>) -> Bool {
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
  private func passLoosely(_ bytes: Span<UInt8>, _ at: inout Int, _ prefix: Range<Int>) -> Bool {
    let inner = prefix.lowerBound + 1..<prefix.upperBound - 1
    JSONScanner.skipBlanks(bytes, &at)
    guard at < bytes.count, bytes[at] == prefixes[prefix.lowerBound] else { return false }
    at += 1
    JSONScanner.skipBlanks(bytes, &at)
    guard pass(bytes, &at, inner) else { return false }
    JSONScanner.skipBlanks(bytes, &at)
    guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { return false }
    at += 1
    return true
  }
}

/// One way to read a column, alive as long as every cell allows it.
struct TypeCandidate {
  let type: FieldType
  /// What reads alike: two readings alive at the end are two different values for the same cell.
  let reading: String
  let reader: CellReader

  private init(_ type: FieldType, reading: String) {
    self.type = type
    self.reading = reading
    reader = CellReader(field: Field(header: "", column: "", type: type, missingValues: []), isKey: false)
  }

  /// All ways, the likelier first.
  static func all() -> [TypeCandidate] {
    var all = [
      TypeCandidate(.integer(NumberFormat()), reading: "integer"),
      TypeCandidate(.year, reading: "integer"),
      TypeCandidate(.number(NumberFormat()), reading: "decimal ."),
      TypeCandidate(
        .boolean(BooleanFormat(trueValues: ["true", "True", "TRUE"], falseValues: ["false", "False", "FALSE"])), reading: "boolean"),
      TypeCandidate(
        .boolean(BooleanFormat(trueValues: ["yes", "Yes", "YES", "y", "Y"], falseValues: ["no", "No", "NO", "n", "N"])), reading: "boolean"),
      TypeCandidate(.date(.iso), reading: "ymd"),
      TypeCandidate(.datetime(.iso), reading: "ymd"),
      TypeCandidate(.time(.iso), reading: "time"),
    ]
    for mark in ["-", "/", "."] {
      if mark != "-" { add(&all, "%Y\(mark)%m\(mark)%d", "ymd") }
      add(&all, "%d\(mark)%m\(mark)%Y", "dmy")
      add(&all, "%m\(mark)%d\(mark)%Y", "mdy")
      add(&all, "%d\(mark)%m\(mark)%y", "dmy2")
      add(&all, "%m\(mark)%d\(mark)%y", "mdy2")
    }
    for pattern in ["%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"] { add(&all, pattern, "named") }
    if let pattern = try? TimePattern("%H:%M") { all.append(TypeCandidate(.time(.pattern(pattern)), reading: "time")) }
    for (group, decimal) in [(",", "."), (".", ","), (" ", ","), (" ", "."), ("'", "."), ("", ",")] {
      let format = NumberFormat(decimalChar: decimal, groupChar: group.isEmpty ? nil : group)
      all.append(TypeCandidate(.number(format), reading: "decimal \(decimal)"))
    }
    return all
  }

  private static func add(_ all: inout [TypeCandidate], _ source: String, _ reading: String) {
    guard let date = try? TimePattern(source) else { return }
    all.append(TypeCandidate(.date(.pattern(date)), reading: reading))
    for time in ["%H:%M:%S", "%H:%M"] {
      if let pattern = try? TimePattern("\(source) \(time)") { all.append(TypeCandidate(.datetime(.pattern(pattern)), reading: reading)) }
    }
  }

  /// Whether the cell can be read this way and would lose nothing by it.
  func takes(_ cell: Span<UInt8>, _ range: Range<Int>) -> Bool {
    switch type {
    case .integer(let format), .number(let format):
      guard Self.isTidy(cell, range, format) else { return false }
    default: break
    }
    var text: [UInt8] = []
    return (try? reader.value(cell, range, into: &text)) != nil
  }

  /// A number without a plus or a leading zero (those are codes: 007, +49), its groups three digits each.
  private static func isTidy(_ bytes: Span<UInt8>, _ range: Range<Int>, _ format: NumberFormat) -> Bool {
    var cell: [UInt8] = []
    for index in range { cell.append(bytes[index]) }
    if cell.first == UInt8(ascii: "-") { cell.removeFirst() }
    guard let first = cell.first, first &- 0x30 < 10, let last = cell.last, last &- 0x30 < 10 else { return false }
    if first == UInt8(ascii: "0"), cell.count > 1, cell[1] &- 0x30 < 10 { return false }
    guard let group = format.groupChar?.utf8.first, let decimal = format.decimalChar.utf8.first else { return true }
    let whole = cell.prefix { $0 != decimal }
    let groups = whole.split(separator: group, omittingEmptySubsequences: false)
    if groups.count > 1, first == UInt8(ascii: "0") { return false }
    return groups.count == 1 || ((1...3).contains(groups[0].count) && groups.dropFirst().allSatisfy { $0.count == 3 })
  }
}

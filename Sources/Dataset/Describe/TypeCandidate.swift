/// One possible type of a column. It stays a candidate while all cells but a few match it.
struct TypeCandidate {
  /// A cell that does not match.
  struct Mismatch: Equatable {
    let line: Int
    let cell: [UInt8]

    /// The cell's text for a message.
    var shown: String { UTF8Check.excerpt(cell.span, 0..<cell.count) }
  }

  /// The most cells that may not match, for example a total below the rows.
  static let maxMismatches = 3

  let type: FieldType
  private let name: String
  let parser: CellParser
  /// True if the type's cells begin with a digit or a minus: a cheap check that excludes most texts.
  private let beginsWithDigit: Bool
  private(set) var mismatches: [Mismatch] = []
  /// The largest number of decimal places.
  private(set) var decimals = 0
  private var spelling: Spelling = []
  /// The words for false and true that occurred.
  private var words: [[UInt8]?] = [nil, nil]
  /// The last cell that fits as a number: microseconds, days, or the digits of a number.
  private(set) var payload: Int64 = 0

  private init(_ type: FieldType, reading: String) {
    self.type = type
    name = reading
    beginsWithDigit =
      switch type {
      case .boolean, .string: false
      case .date(.pattern(let pattern)), .datetime(.pattern(let pattern)):
        switch pattern.items.first {
        case .directive(let letter): !"bBaA".utf8.contains(letter)
        default: false
        }
      default: true
      }
    parser = CellParser(field: Field(header: "", column: "", type: type, missingValues: []), isKey: false)
  }

  /// All candidates, the most likely first.
  static func all() -> [TypeCandidate] {
    var all = [
      TypeCandidate(.integer(NumberFormat()), reading: "integer"),
      TypeCandidate(.year, reading: "integer"),
      TypeCandidate(.number(NumberFormat()), reading: "decimal ."),
    ]
    for (trueValues, falseValues) in [
      (["true", "True", "TRUE"], ["false", "False", "FALSE"]), (["yes", "Yes", "YES", "y", "Y"], ["no", "No", "NO", "n", "N"]),
      (["t"], ["f"]),
    ] {
      all.append(TypeCandidate(.boolean(BooleanFormat(trueValues: trueValues, falseValues: falseValues)), reading: "boolean"))
    }
    all.append(TypeCandidate(.date(.iso), reading: "ymd"))
    // SQL's spelling first, which users of the description know; ISO's matches cells that mix fractions and zones.
    for time in ["%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%H:%M:%S%z", "%H:%M:%S %z", "%H:%M:%S UTC"] {
      add(&all, "%Y-%m-%d \(time)", "ymd") { .datetime($0) }
    }
    add(&all, "%Y-%m-%dT%H:%M", "ymd") { .datetime($0) }
    all.append(TypeCandidate(.datetime(.iso), reading: "ymd"))
    all.append(TypeCandidate(.time(.iso), reading: "time"))
    for mark in ["-", "/", "."] {
      if mark != "-" { addDates(&all, "%Y\(mark)%m\(mark)%d", "ymd") }
      addDates(&all, "%d\(mark)%m\(mark)%Y", "dmy")
      addDates(&all, "%m\(mark)%d\(mark)%Y", "mdy")
      addDates(&all, "%d\(mark)%m\(mark)%y", "dmy2")
      addDates(&all, "%m\(mark)%d\(mark)%y", "mdy2")
    }
    for pattern in ["%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%y"] { addDates(&all, pattern, "named") }
    for time in ["%H:%M", "%I:%M %p", "%I:%M:%S %p"] { add(&all, time, "time") { .time($0) } }
    let groups = [
      ("", ","), (",", "."), (".", ","), (" ", ","), (" ", "."), ("'", "."), ("\u{2019}", "."), ("\u{A0}", ","), ("\u{202F}", ","),
    ]
    for (group, decimal) in groups {
      let format = NumberFormat(decimalChar: decimal, groupChar: group.isEmpty ? nil : group)
      all.append(TypeCandidate(.number(format), reading: "decimal \(decimal)"))
    }
    return all
  }

  private static func addDates(_ all: inout [TypeCandidate], _ source: String, _ reading: String) {
    add(&all, source, reading) { .date($0) }
    for time in ["%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p"] { add(&all, "\(source) \(time)", reading) { .datetime($0) } }
  }

  private static func add(_ all: inout [TypeCandidate], _ source: String, _ reading: String, _ type: (TemporalFormat) -> FieldType) {
    guard let pattern = try? TimePattern(source) else { return }
    all.append(TypeCandidate(type(.pattern(pattern)), reading: reading))
  }

  /// Equal for candidates that read a cell as the same value: if two interpretations remain at the end, the column is ambiguous.
  var interpretation: String {
    // Numbers whose groups are marked alike are the same, whatever the decimal mark that none of them has.
    if case .number = type, decimals == 0 { return "whole" }
    return name
  }

  /// Whether one value can be written in several ways: an instant by its offset from UTC, a fraction of a second with zeros at its end. (So can
  /// numbers, which make no key.)
  var hasEquivalentSpellings: Bool {
    switch type {
    case .datetime(.iso), .time(.iso): true
    case .datetime(.pattern(let pattern)), .time(.pattern(let pattern)): pattern.has("zf")
    default: false
    }
  }

  /// Whether every cell so far matches, and would be written again unchanged.
  var isExact: Bool {
    guard mismatches.isEmpty else { return false }
    switch type {
    // A single word may as well be another abbreviation (NO is also Norway).
    case .boolean(let format): return words.allSatisfy { $0 != nil } || format.trueValues.contains("true")
    // The same format without groups is also a candidate.
    case .number(let format): return format.groupChar == nil || spelling.contains(.grouped)
    default: return true
    }
  }

  /// Checks one more cell. Returns false if too many cells did not match.
  mutating func observe(_ cell: [UInt8], line: Int) -> Bool {
    if fits(cell) { return true }
    guard mismatches.count < Self.maxMismatches else { return false }
    mismatches.append(Mismatch(line: line, cell: cell))
    return true
  }

  private mutating func fits(_ cell: [UInt8]) -> Bool {
    var text: [UInt8] = []
    if beginsWithDigit, let first = cell.first, first &- 0x30 > 9, first != UInt8(ascii: "-") { return false }
    guard let value = parser.parseIfValid(cell.span, 0..<cell.count, into: &text) else { return false }
    switch type {
    case .integer(let format), .number(let format):
      // A stored zero has no sign.
      let isNegativeZero = cell.first == UInt8(ascii: "-") && DecimalParser.compare(value, text, Cell(.integer), []) == 0
      guard !isNegativeZero, let spelling = Self.spelling(cell, format), self.spelling.union(spelling).isConsistent else { return false }
      self.spelling.formUnion(spelling)
      decimals = max(decimals, Int(value.scale))
    case .boolean:
      let word = words[Int(value.payload)] ?? cell
      guard word == cell else { return false }
      words[Int(value.payload)] = cell
    case .date(.pattern(let pattern)), .datetime(.pattern(let pattern)), .time(.pattern(let pattern)):
      guard let spelling = pattern.spelling(cell.span), self.spelling.union(spelling).isConsistent else { return false }
      self.spelling.formUnion(spelling)
    case .year: guard (1600..<2200).contains(value.payload) else { return false }
    default: break
    }
    payload = value.payload
    return true
  }

  /// The spelling of a number; nil if it would be written differently: with a plus or a leading zero (those are codes: 007, +49), without a
  /// digit at either end, or with groups that are not three digits each. An exponent counts only as programs write it (1.5E-07, 1e+21, 1.0E10); others are
  /// codes (12E4, 1E5).
  private static func spelling(_ cell: [UInt8], _ format: NumberFormat) -> Spelling? {
    func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    let point = Array(format.decimalChar.utf8)
    var digits = cell[...]
    if digits.first == UInt8(ascii: "-") { digits.removeFirst() }
    guard let first = digits.first, isDigit(first), let last = digits.last, isDigit(last) else { return nil }
    if first == UInt8(ascii: "0"), digits.count > 1, isDigit(digits[digits.startIndex + 1]) { return nil }
    if let mark = digits.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
      let mantissa = digits[..<mark]
      let hasPoint = mantissa.dropFirst().starts(with: point)
      let hasSign = mark + 1 < digits.endIndex && !isDigit(digits[mark + 1])
      guard hasPoint || (mantissa.count == 1 && hasSign) else { return nil }
      return []
    }
    // The reader checks that each group has three digits.
    var whole = 0
    var hasGroups = false
    let group = Array((format.groupChar ?? "").utf8)
    while let byte = digits.first, !digits.starts(with: point) {
      if isDigit(byte) { whole += 1 } else if !group.isEmpty, digits.starts(with: group) { hasGroups = true }
      digits.removeFirst()
    }
    return hasGroups ? .grouped : whole > 3 ? .ungrouped : []
  }
}

/// The spelling details of a column's cells that their values do not keep: padding, case, grouping. A column must be consistent in them, or its
/// cells could not be written again unchanged.
struct Spelling: OptionSet {
  let rawValue: UInt32

  static let paddedMonth = Spelling(rawValue: 1 << 0)
  static let bareMonth = Spelling(rawValue: 1 << 1)
  static let paddedDay = Spelling(rawValue: 1 << 2)
  static let bareDay = Spelling(rawValue: 1 << 3)
  static let paddedHour = Spelling(rawValue: 1 << 4)
  static let bareHour = Spelling(rawValue: 1 << 5)
  /// The case of the names of months and days, then of AM and PM.
  static let upperName = Spelling(rawValue: 1 << 6)
  static let titleName = Spelling(rawValue: 1 << 7)
  static let lowerName = Spelling(rawValue: 1 << 8)
  static let upperHalf = Spelling(rawValue: 1 << 9)
  static let titleHalf = Spelling(rawValue: 1 << 10)
  static let lowerHalf = Spelling(rawValue: 1 << 11)
  /// Four or more digits before the decimal mark, with and without groups.
  static let grouped = Spelling(rawValue: 1 << 12)
  static let ungrouped = Spelling(rawValue: 1 << 13)

  private static let alternatives: [Spelling] = [
    [.paddedMonth, .bareMonth], [.paddedDay, .bareDay], [.paddedHour, .bareHour], [.upperName, .titleName, .lowerName],
    [.upperHalf, .titleHalf, .lowerHalf], [.grouped, .ungrouped],
  ]

  /// True if no part has two spellings.
  var isConsistent: Bool {
    Self.alternatives.allSatisfy { alternative in
      let used = intersection(alternative).rawValue
      return used & (used &- 1) == 0
    }
  }
}

extension TimePattern {
  /// The spelling of a cell that this pattern reads; nil if no format writes it this way.
  func spelling(_ cell: Span<UInt8>) -> Spelling? {
    var spelling: Spelling = []
    var at = 0
    /// The spelling of one or two digits; nil if padded with more than a zero, or if two digits are required.
    func digits(_ padded: Spelling, _ bare: Spelling?) -> Spelling? {
      let isTwo = at + 1 < cell.count && cell[at + 1] &- 0x30 < 10
      defer { at += isTwo ? 2 : 1 }
      if isTwo { return cell[at] == UInt8(ascii: "0") ? padded : [] }
      return bare
    }
    func letters(_ count: Int, _ upper: Spelling, _ title: Spelling, _ lower: Spelling) -> Spelling? {
      let isUpper = (at..<at + count).map { cell[$0] & 0x20 == 0 }
      at += count
      if isUpper.allSatisfy({ $0 }) { return upper }
      if !isUpper.contains(true) { return lower }
      return isUpper[0] && !isUpper.dropFirst().contains(true) ? title : nil
    }
    func run(_ isPart: (UInt8) -> Bool) -> Int {
      var end = at
      while end < cell.count, isPart(cell[end]) { end += 1 }
      return end - at
    }
    for item in items {
      var part: Spelling? = []
      switch item {
      case .literal: at += 1
      case .blanks:
        let count = run { $0 == 0x20 || $0 == 0x09 }
        if count != 1 || cell[at] != 0x20 { part = nil }
        at += count
      case .directive(let letter):
        switch letter {
        case UInt8(ascii: "Y"): at += 4
        case UInt8(ascii: "y"): at += 2
        case UInt8(ascii: "m"): part = digits(.paddedMonth, .bareMonth)
        case UInt8(ascii: "d"): part = digits(.paddedDay, .bareDay)
        // A time without a date and with a one-digit hour may as well be a score or a ratio (2:10).
        case UInt8(ascii: "H"): part = digits(.paddedHour, hasDateParts ? .bareHour : nil)
        case UInt8(ascii: "I"): part = digits(.paddedHour, .bareHour)
        case UInt8(ascii: "M"), UInt8(ascii: "S"): part = digits([], nil)
        case UInt8(ascii: "b"), UInt8(ascii: "a"): part = letters(3, .upperName, .titleName, .lowerName)
        case UInt8(ascii: "B"), UInt8(ascii: "A"):
          part = letters(run { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }, .upperName, .titleName, .lowerName)
        case UInt8(ascii: "p"): part = letters(2, .upperHalf, .titleHalf, .lowerHalf)
        case UInt8(ascii: "f"):
          let count = run { $0 &- 0x30 < 10 }
          // Python's strptime, which frictionless uses, reads at most six digits.
          if count > 6 { part = nil }
          at += count
        case UInt8(ascii: "z"):
          // The zones that Python reads: Z, or an offset with minutes.
          let count = run { $0 != 0x20 }
          if count == 3 { part = nil }
          at += count
        default: part = nil
        }
      }
      guard let part else { return nil }
      spelling.formUnion(part)
    }
    return spelling
  }
}

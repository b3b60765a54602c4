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

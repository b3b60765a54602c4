/// A date whose year, month and day are at fixed offsets, such as `%d-%m-%Y` with a two-digit day and month.
struct FixedWidthDate {
  private var year = 0
  private var month = 0
  private var day = 0
  private var length = 0
  /// The bytes between the parts; 0 if there is none.
  private var firstMark = (place: 0, byte: UInt8(0))
  private var secondMark = (place: 0, byte: UInt8(0))

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
    guard at + 10 <= bytes.count, bytes[at + firstMark.place] == firstMark.byte, bytes[at + secondMark.place] == secondMark.byte else {
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

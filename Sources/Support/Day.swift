/// A day of the Gregorian calendar, which may represent a period.
public struct Day: Sendable, Hashable, Comparable {
  /// Days since 1970-01-01.
  public let number: Int64

  /// The day that is `number` days after 1970-01-01.
  public init(_ number: Int64) { self.number = number }

  /// Nil if the day does not exist, or the year is not in 1...9999.
  public init?(year: Int, month: Int, day: Int) {
    guard let number = GregorianCalendar.days(year: year, month: month, day: day) else { return nil }
    self.number = number
  }

  /// Parses exactly `yyyy-mm-dd`; nil if it is not a date in this format.
  public init?(iso text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// True if `left` is earlier.
  public static func < (left: Day, right: Day) -> Bool { left.number < right.number }

  /// Year, month (1–12) and day (1–31).
  public var parts: (year: Int, month: Int, day: Int) { GregorianCalendar.date(days: number) }

  /// A number that grows by one per month.
  public var monthNumber: Int {
    let (year, month, _) = parts
    return year * 12 + month - 1
  }

  /// Whether it is the last day of its month.
  public var isMonthEnd: Bool {
    let (year, month, day) = parts
    return day == GregorianCalendar.lastDay(year: year, month: month)
  }

  /// The day `days` later; nil beyond the year 9999.
  public func adding(days: Int) -> Day? {
    let day = Day(number + Int64(days))
    return day.parts.year <= 9999 ? day : nil
  }

  /// The day of that number in the month `months` later, or that month's last day; nil beyond the year 9999.
  public func adding(months: Int, day: Int) -> Day? {
    let (year, month) = (monthNumber + months).quotientAndRemainder(dividingBy: 12)
    return Day(year: year, month: month + 1, day: min(day, GregorianCalendar.lastDay(year: year, month: month + 1)))
  }

  /// `2019-03-31`.
  public var iso: String {
    let (year, month, day) = parts
    return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
  }

  /// A number with leading zeros up to a width.
  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Day: CustomStringConvertible {
  /// ISO 8601, such as `2019-03-31`.
  public var description: String { iso }
}

/// A day of the Gregorian calendar, which may represent a period.
package struct Day: Sendable, Hashable, Comparable {
  /// Days since 1970-01-01.
  package let number: Int64

  /// The day that is `number` days after 1970-01-01.
  package init(_ number: Int64) { self.number = number }

  /// Nil if the day does not exist, or the year is not in 1...9999.
  package init?(year: Int, month: Int, day: Int) {
    guard let number = GregorianCalendar.days(year: year, month: month, day: day) else { return nil }
    self.number = number
  }

  /// Parses exactly `yyyy-mm-dd`; nil if it is not a date in this format.
  package init?(iso text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// True if `left` is earlier.
  package static func < (left: Day, right: Day) -> Bool { left.number < right.number }

  /// Year, month (1–12) and day (1–31).
  package var parts: (year: Int, month: Int, day: Int) { GregorianCalendar.date(days: number) }

  /// A number that grows by one per month.
  package var monthNumber: Int {
    let (year, month, _) = parts
    return year * 12 + month - 1
  }

  /// Whether it is the last day of its month.
  package var isMonthEnd: Bool {
    let (year, month, day) = parts
    return day == GregorianCalendar.lastDay(year: year, month: month)
  }

  /// The day `days` later; nil beyond the year 9999.
  package func adding(days: Int) -> Day? {
    let day = Day(number + Int64(days))
    return day.parts.year <= 9999 ? day : nil
  }

  /// The day of that number in the month `months` later, or that month's last day; nil beyond the year 9999.
  package func adding(months: Int, day: Int) -> Day? {
    let (year, month) = (monthNumber + months).quotientAndRemainder(dividingBy: 12)
    return Day(year: year, month: month + 1, day: min(day, GregorianCalendar.lastDay(year: year, month: month + 1)))
  }

  /// `2019-03-31`.
  package var iso: String {
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
  package var description: String { iso }
}

/// The proleptic Gregorian calendar, as days since 1970-01-01.
///
/// It is on the path of each row: its functions are inlined into the modules that call them.
package enum GregorianCalendar {
  /// Days since 1970-01-01; nil if the day does not exist or the year is not in 1...9999.
  @inlinable
  package static func days(year: Int, month: Int, day: Int) -> Int64? {
    guard year >= 1, year <= 9999, month >= 1, month <= 12, day >= 1, day <= lastDay(year: year, month: month) else { return nil }
    // Years begin in March, so the leap day is the last day of the year (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int64(era * 146_097 + dayOfEra - 719_468)
  }

  /// The date that is `days` after 1970-01-01.
  @inlinable
  package static func date(days: Int64) -> (year: Int, month: Int, day: Int) {
    let shifted = Int(days) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// The number of days in the month, 28 to 31.
  @inlinable
  package static func lastDay(year: Int, month: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

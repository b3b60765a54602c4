/// Equally spaced values, oldest first, without gaps.
public struct TimeSeries: Sendable, Equatable {
  /// The values, all finite.
  public let values: [Double]
  /// Observations per season, usually a year: 4 for quarters, 12 for months, 1 for no season.
  public let period: Int

  /// The square of a larger value would overflow, that of a smaller one underflow.
  static let maxMagnitude = 1e150
  static let smallest = 1e-140
  /// The most values that are supported: choosing the order and the backtest of a longer series would take more than 15 s.
  public static let maxCount = 2_000
  /// For a longer season, seasonal terms are not tried automatically: each costs period² numbers per step.
  static let maxTriedPeriod = 24
  /// The longest season that is supported: the state needs period² numbers at every step.
  public static let maxPeriod = 366

  /// Throws `notFinite`, `outOfRange`, `unsupported` (the period, or too many values) or `tooShort` (no values).
  public init(_ values: [Double], period: Int = 1) throws(ForecastingError) {
    guard !values.isEmpty else { throw ForecastingError(.tooShort, "the series is empty", hint: "give at least three values") }
    guard values.count <= Self.maxCount else {
      throw ForecastingError(
        .unsupported, "\(values.count) values are more than the \(Self.maxCount) that are supported",
        hint: "give the latest of them, or sums over longer periods")
    }
    guard (1...Self.maxPeriod).contains(period) else {
      throw ForecastingError(
        .unsupported, "a period of \(period) is not supported", hint: "give 1 to \(Self.maxPeriod): 4 for quarters, 12 for months")
    }
    var extreme = 0.0
    for (index, value) in values.enumerated() {
      guard value.isFinite else {
        throw ForecastingError(
          .notFinite, "value \(index + 1) is \(value)", hint: "give a number for every period: a gap cannot be modeled")
      }
      guard value.magnitude <= Self.maxMagnitude else {
        throw ForecastingError(
          .outOfRange, "value \(index + 1) is \(value): above \(Self.maxMagnitude)", hint: "give the series in a larger unit")
      }
      extreme = max(extreme, value.magnitude)
    }
    guard extreme == 0 || extreme >= Self.smallest else {
      throw ForecastingError(.outOfRange, "no value is above \(Self.smallest)", hint: "give the series in a smaller unit")
    }
    self.values = values
    self.period = period
  }

  /// The number of values.
  public var count: Int { values.count }

  /// The first `count` values: those known at an earlier origin.
  func prefix(_ count: Int) -> TimeSeries { TimeSeries(trusted: Array(values.prefix(count)), period: period) }

  init(trusted values: [Double], period: Int) {
    self.values = values
    self.period = period
  }
}

/// A day of the Gregorian calendar.
struct CivilDate: Equatable {
  let year: Int
  let month: Int
  let day: Int

  /// Parses exactly `yyyy-mm-dd`; nil if the day does not exist.
  init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
      text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
      (1...12).contains(month), day >= 1, day <= Self.days(inMonth: month, of: year)
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// The date `dayNumber` days after 1970-01-01 (Hinnant's `civil_from_days`).
  init(dayNumber: Int) {
    let shifted = dayNumber + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    self.init(year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month, day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  /// Days since 1970-01-01 (Hinnant's `days_from_civil`).
  var dayNumber: Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  var monthNumber: Int { year * 12 + month - 1 }

  /// The date `months` later with this day, limited to the month's length.
  func adding(months: Int, day: Int) -> CivilDate {
    let number = monthNumber + months
    let (year, month) = (number / 12, number % 12 + 1)
    return CivilDate(year: year, month: month, day: min(day, Self.days(inMonth: month, of: year)))
  }

  static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  var text: String {
    func padded(_ value: Int, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }
}

/// Continues the dates of a series: month ends stay month ends, the fifteenth stays the fifteenth, and steps of seven days stay seven days.
public enum ForecastDates {
  /// The `count` dates after the last of `dates` (`yyyy-mm-dd`, oldest first). Nil if there are fewer than two dates, or if they are invalid or not
  /// evenly spaced.
  public static func following(_ dates: [String], count: Int) -> [String]? {
    let known = dates.compactMap(CivilDate.init)
    guard known.count == dates.count, let last = known.last, let spacing = spacing(known) else { return nil }
    return (1...max(1, count)).map { step in
      switch spacing {
      case .monthEnds(let months): last.adding(months: months * step, day: 31).text
      case .months(let months): last.adding(months: months * step, day: last.day).text
      case .days(let days): CivilDate(dayNumber: last.dayNumber + days * step).text
      }
    }
  }

  /// The period that the spacing of the dates implies: 12 for months, 4 for quarters, 1 for years, 52 for weeks, 7 (a week) for days. Nil if
  /// they are not evenly spaced.
  public static func period(_ dates: [String]) -> Int? {
    let known = dates.compactMap(CivilDate.init)
    guard known.count == dates.count, let spacing = spacing(known) else { return nil }
    return switch spacing {
    case .monthEnds(let months), .months(let months): 12.isMultiple(of: months) ? 12 / months : 1
    case .days(let days): days == 1 ? 7 : days == 7 ? 52 : 1
    }
  }

  private enum Spacing { case monthEnds(Int), months(Int), days(Int) }

  private static func spacing(_ dates: [CivilDate]) -> Spacing? {
    guard dates.count > 1 else { return nil }
    func even(_ gaps: [Int]) -> Int? { gaps[0] > 0 && gaps.allSatisfy { $0 == gaps[0] } ? gaps[0] : nil }
    let months = even(zip(dates.dropFirst(), dates).map { $0.monthNumber - $1.monthNumber })
    if let months, dates.allSatisfy({ $0.day == CivilDate.days(inMonth: $0.month, of: $0.year) }) { return .monthEnds(months) }
    if let months, dates.allSatisfy({ $0.day == dates[0].day }) { return .months(months) }
    return even(zip(dates.dropFirst(), dates).map { $0.dayNumber - $1.dayNumber }).map(Spacing.days)
  }
}

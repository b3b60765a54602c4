import Support

/// Equally spaced values, oldest first, without gaps.
package struct TimeSeries: Sendable, Equatable {
  /// The values, all finite.
  package let values: [Double]
  /// Observations per season, usually a year: 4 for quarters, 12 for months, 1 for no season.
  package let period: Int

  /// The square of a larger value would overflow, that of a smaller one underflow.
  static let maxMagnitude = 1e150
  static let smallest = 1e-140
  /// The most values that are supported: choosing the order and the backtest of a longer series would take more than 15 s.
  package static let maxCount = 2_000
  /// For a longer season, seasonal terms are not tried automatically: each costs period² numbers per step.
  static let maxTriedPeriod = 24
  /// The longest season that is supported: the state needs period² numbers at every step.
  package static let maxPeriod = 366

  /// Throws `notFinite`, `outOfRange`, `unsupported` (the period, or too many values) or `tooShort` (no values).
  package init(_ values: [Double], period: Int = 1) throws(ForecastingError) {
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
  package var count: Int { values.count }

  /// The first `count` values: those known at an earlier origin.
  func prefix(_ count: Int) -> TimeSeries { TimeSeries(trusted: Array(values.prefix(count)), period: period) }

  init(trusted values: [Double], period: Int) {
    self.values = values
    self.period = period
  }
}

/// Continues the dates of a series: month ends stay month ends, the fifteenth stays the fifteenth, and steps of seven days stay seven days.
package enum ForecastDates {
  /// The `count` dates after the last of `dates` (`yyyy-mm-dd`, oldest first). Nil if there are fewer than two dates, if they are invalid or not
  /// evenly spaced, or if a date is beyond the year 9999.
  package static func following(_ dates: [String], count: Int) -> [String]? {
    let known = dates.compactMap(Day.init(iso:))
    guard known.count == dates.count, let last = known.last, let spacing = spacing(known) else { return nil }
    let count = max(1, count)
    let next = (1...count).compactMap { step in
      switch spacing {
      case .monthEnds(let months): last.adding(months: months * step, day: 31)
      case .months(let months): last.adding(months: months * step, day: last.parts.day)
      case .days(let days): last.adding(days: days * step)
      }
    }
    return next.count == count ? next.map(\.iso) : nil
  }

  /// The period that the spacing of the dates implies: 12 for months, 4 for quarters, 1 for years, 52 for weeks, 7 (a week) for days. Nil if
  /// they are not evenly spaced.
  package static func period(_ dates: [String]) -> Int? {
    let known = dates.compactMap(Day.init(iso:))
    guard known.count == dates.count, let spacing = spacing(known) else { return nil }
    return switch spacing {
    case .monthEnds(let months), .months(let months): 12.isMultiple(of: months) ? 12 / months : 1
    case .days(let days): days == 1 ? 7 : days == 7 ? 52 : 1
    }
  }

  private enum Spacing { case monthEnds(Int), months(Int), days(Int) }

  private static func spacing(_ dates: [Day]) -> Spacing? {
    guard dates.count > 1 else { return nil }
    func even(_ gaps: [Int]) -> Int? { gaps[0] > 0 && gaps.allSatisfy { $0 == gaps[0] } ? gaps[0] : nil }
    let months = even(zip(dates.dropFirst(), dates).map { $0.monthNumber - $1.monthNumber })
    if let months, dates.allSatisfy(\.isMonthEnd) { return .monthEnds(months) }
    if let months, dates.allSatisfy({ $0.parts.day == dates[0].parts.day }) { return .months(months) }
    return even(zip(dates.dropFirst(), dates).map { Int($0.number - $1.number) }).map(Spacing.days)
  }
}

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

import Dataset

/// The exact net additions of a stock (memberships): in the latest period, in the latest year, and since the first date.
public struct NetAdditions: Sendable, Equatable {
  /// The region's name.
  public let region: String
  /// The metric's name.
  public let metric: String
  /// The latest date with a value.
  public let date: Day
  /// Additions since the previous period.
  public let inPeriod: FixedDecimal?
  /// Additions since the same period of the previous year.
  public let inYear: FixedDecimal?
  /// The first date with a value.
  public let since: Day
  /// Additions since the first date.
  public let sinceFirst: FixedDecimal?
  /// The largest addition in one period, with its date.
  public let most: (date: Day, amount: FixedDecimal)?
  /// The smallest addition in one period, with its date.
  public let least: (date: Day, amount: FixedDecimal)?

  init?(_ series: Series) {
    guard let last = series.points.lastIndex(where: { $0.value != nil }), let first = series.points.firstIndex(where: { $0.value != nil })
    else { return nil }
    region = series.region.name
    metric = series.metric.name
    date = series.points[last].date
    since = series.points[first].date
    inPeriod = series.added(at: last, periods: 1)
    inYear = series.added(at: last, periods: series.period.perYear)
    sinceFirst = series.added(at: last, periods: Int(date.index(series.period) - since.index(series.period)))
    let gains = series.points.indices.compactMap { index in
      series.added(at: index, periods: 1).map { (date: series.points[index].date, amount: $0) }
    }
    most = gains.max { $0.amount.unscaled < $1.amount.unscaled }
    least = gains.min { $0.amount.unscaled < $1.amount.unscaled }
  }

  /// True if the JSON forms are equal.
  public static func == (left: NetAdditions, right: NetAdditions) -> Bool { left.json == right.json }
}

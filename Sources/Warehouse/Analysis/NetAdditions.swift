import Dataset

/// What a stock (memberships) gained: in the latest period, in the latest year, and since the first date; exact.
public struct NetAdditions: Sendable, Equatable {
  public let region: String
  public let metric: String
  public let date: Day
  public let inPeriod: FixedDecimal?
  public let inYear: FixedDecimal?
  public let since: Day
  public let sinceFirst: FixedDecimal?
  /// The largest and the smallest gain of one period, with its date.
  public let most: (date: Day, amount: FixedDecimal)?
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

  public static func == (left: NetAdditions, right: NetAdditions) -> Bool { left.json == right.json }
}

import Dataset

/// The growth of one series up to its latest value. Growth is a fraction: 0.149 is 14.9 %; nil if there is no earlier value, or it is not above
/// zero.
public struct Growth: Sendable, Equatable {
  /// The region's name.
  public let region: String
  /// The metric's name.
  public let metric: String
  /// The date of the latest value.
  public let date: Day
  /// The latest value.
  public let latest: FixedDecimal
  /// Growth on the previous period.
  public let previous: Double?
  /// Growth on the same period of the previous year.
  public let year: Double?
  /// Compound annual growth rate: (latest ÷ first)^(1 ÷ years) − 1, where first is the earliest value of the same season, so that seasons do
  /// not count as growth.
  public let annual: Double?
  /// The date of the first value in `annual`.
  public let annualFrom: Day?

  init?(_ series: Series) {
    guard let last = series.points.lastIndex(where: { $0.value != nil }), let latest = series.points[last].value else { return nil }
    region = series.region.name
    metric = series.metric.name
    date = series.points[last].date
    self.latest = latest
    previous = series.change(at: last, periods: 1)
    year = series.change(at: last, periods: series.period.perYear)
    let index = date.index(series.period)
    let season = Int64(series.period.perYear)
    let first = series.points.first { point in
      let distance = index - point.date.index(series.period)
      return point.value != nil && distance > 0 && distance % season == 0
    }
    if let first, let start = first.value?.double, start > 0, latest.double > 0 {
      let years = Double(index - first.date.index(series.period)) / Double(season)
      annual = power(latest.double / start, 1 / years) - 1
      annualFrom = first.date
    } else {
      annual = nil
      annualFrom = nil
    }
  }
}

extension Series {
  /// The growth of the value at `index` on the one `periods` before it, as a fraction; nil if either is missing or the earlier one is not above zero.
  public func change(at index: Int, periods: Int) -> Double? {
    guard let now = points[index].value?.double, let then = value(before: index, periods: periods)?.double, then > 0 else { return nil }
    return now / then - 1
  }

  /// The exact difference to the value `periods` before; nil if either is missing.
  public func added(at index: Int, periods: Int) -> FixedDecimal? {
    guard let now = points[index].value, let then = value(before: index, periods: periods), now.scale == then.scale else { return nil }
    let (difference, overflow) = now.unscaled.subtractingReportingOverflow(then.unscaled)
    return overflow ? nil : FixedDecimal(unscaled: difference, scale: now.scale)
  }

  /// The value of the date that is `periods` before the one at `index`, even if there are gaps between them.
  func value(before index: Int, periods: Int) -> FixedDecimal? {
    let wanted = points[index].date.index(period) - Int64(periods)
    var at = index
    while at >= 0, points[at].date.index(period) > wanted { at -= 1 }
    guard at >= 0, points[at].date.index(period) == wanted else { return nil }
    return points[at].value
  }
}

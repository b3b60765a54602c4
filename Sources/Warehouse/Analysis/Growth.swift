import Dataset
import Glibc
import Support

/// The growth of one series up to its latest value. Growth is a fraction: 0.149 is 14.9 %; nil if there is no earlier value, or it is not above
/// zero.
package struct Growth: Sendable, Equatable {
  /// The region's name.
  package let region: String
  /// The metric's name.
  package let metric: String
  /// The date of the latest value.
  package let date: Day
  /// The latest value.
  package let latest: FixedDecimal
  /// Growth on the previous period.
  package let periodOverPeriod: Double?
  /// Growth on the same period of the previous year.
  package let yearOverYear: Double?
  /// Compound annual growth rate: (latest ÷ first)^(1 ÷ years) − 1, where first is the earliest value of the same season, so that seasons do
  /// not count as growth.
  package let cagr: Double?
  /// The date of the first value in `annual`.
  package let cagrFrom: Day?

  init?(_ series: Series) {
    guard let last = series.points.lastIndex(where: { $0.value != nil }), let latest = series.points[last].value else { return nil }
    region = series.region.name
    metric = series.metric.name
    date = series.points[last].date
    self.latest = latest
    periodOverPeriod = series.change(at: last, periods: 1)
    yearOverYear = series.change(at: last, periods: series.period.perYear)
    let index = date.index(series.period)
    let season = Int64(series.period.perYear)
    let first = series.points.first { point in
      let distance = index - point.date.index(series.period)
      return point.value != nil && distance > 0 && distance % season == 0
    }
    if let first, let start = first.value?.double, start > 0, latest.double > 0 {
      let years = Double(index - first.date.index(series.period)) / Double(season)
      cagr = pow(latest.double / start, 1 / years) - 1
      cagrFrom = first.date
    } else {
      cagr = nil
      cagrFrom = nil
    }
  }
}

extension Series {
  /// The growth of the value at `index` on the one `periods` before it, as a fraction; nil if either is missing or the earlier one is not above zero.
  package func change(at index: Int, periods: Int) -> Double? {
    guard let now = points[index].value?.double, let then = value(before: index, periods: periods)?.double, then > 0 else { return nil }
    return now / then - 1
  }

  /// The exact difference to the value `periods` before; nil if either is missing.
  package func added(at index: Int, periods: Int) -> FixedDecimal? {
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

/// The exact net additions of a stock (memberships): in the latest period, in the latest year, and since the first date.
package struct NetAdditions: Sendable, Equatable {
  /// The region's name.
  package let region: String
  /// The metric's name.
  package let metric: String
  /// The latest date with a value.
  package let date: Day
  /// Additions since the previous period.
  package let inPeriod: FixedDecimal?
  /// Additions since the same period of the previous year.
  package let inYear: FixedDecimal?
  /// The first date with a value.
  package let since: Day
  /// Additions since the first date.
  package let sinceFirst: FixedDecimal?
  /// The largest addition in one period, with its date.
  package let most: (date: Day, amount: FixedDecimal)?
  /// The smallest addition in one period, with its date.
  package let least: (date: Day, amount: FixedDecimal)?

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
  package static func == (left: NetAdditions, right: NetAdditions) -> Bool { left.json == right.json }
}

/// The trend of a ratio (ARPU): its first, latest, lowest and highest value.
package struct RatioTrend: Sendable, Equatable {
  /// A value with its date.
  package struct Mark: Sendable, Equatable {
    /// The date of the value.
    package let date: Day
    /// The value, exact.
    package let value: FixedDecimal
  }

  /// The region's name.
  package let region: String
  /// The metric's name.
  package let metric: String
  /// The first value.
  package let first: Mark
  /// The latest value.
  package let latest: Mark
  /// The lowest value.
  package let lowest: Mark
  /// The highest value.
  package let highest: Mark
  /// The change from first to latest, as a fraction of the first; nil if the first is not above zero.
  package var change: Double? { first.value.double > 0 ? latest.value.double / first.value.double - 1 : nil }

  init?(_ series: Series) {
    let marks = series.points.compactMap { point in point.value.map { Mark(date: point.date, value: $0) } }
    guard let first = marks.first, let latest = marks.last, let lowest = marks.min(by: { $0.value.unscaled < $1.value.unscaled }),
      let highest = marks.max(by: { $0.value.unscaled < $1.value.unscaled })
    else { return nil }
    region = series.region.name
    metric = series.metric.name
    self.first = first
    self.latest = latest
    self.lowest = lowest
    self.highest = highest
  }
}

/// A region's share of the sum of all regions, at the first and the latest date for which all regions have a value.
package struct RegionShare: Sendable, Equatable {
  /// The region's name.
  package let region: String
  /// The metric's name.
  package let metric: String
  /// The first date for which all regions have a value.
  package let firstDate: Day
  /// The share at the first date, 0 to 1.
  package let first: Double
  /// The latest date for which all regions have a value.
  package let date: Day
  /// The share at the latest date, 0 to 1.
  package let latest: Double
}

extension Snapshot {
  /// Shares in a metric that adds up over regions; empty for a ratio, and if no date has values for all regions.
  func shares(metric: Int) -> [RegionShare] {
    let parts = regions.indices.filter { !regions[$0].isTotal && regions[$0].fields[metric] != nil }
    guard metrics[metric].kind != .ratio, parts.count > 1 else { return [] }
    func values(_ date: Int) -> [Double]? {
      let values = parts.compactMap { value(region: $0, metric: metric, date: date)?.double }
      return values.count == parts.count && values.reduce(0, +) > 0 ? values : nil
    }
    guard let first = dates.indices.first(where: { values($0) != nil }), let last = dates.indices.last(where: { values($0) != nil }),
      let before = values(first), let now = values(last)
    else { return [] }
    return parts.enumerated().map { index, region in
      RegionShare(
        region: regions[region].name, metric: metrics[metric].name, firstDate: dates[first], first: before[index] / before.reduce(0, +),
        date: dates[last], latest: now[index] / now.reduce(0, +))
    }
  }
}

/// How far each season of the year is above or below the trend.
///
/// Classical multiplicative decomposition: each value is divided by the centered moving average of the year around it (for an even number of seasons
/// the mean of two adjacent averages), averaged by season, and scaled so that the mean of all seasons is 1 (Hyndman & Athanasopoulos, "Forecasting:
/// Principles and Practice", 3rd edition, 3.4).
package struct Seasonality: Sendable, Equatable {
  /// The index of one season.
  package struct Season: Sendable, Equatable {
    /// `Q1`, or a month's number.
    package let name: String
    /// 1.012 is 1.2 % above the trend.
    package let index: Double
  }

  /// The region's name.
  package let region: String
  /// The metric's name.
  package let metric: String
  /// The indexes, in the order of the year.
  package let seasons: [Season]
  /// The highest index minus the lowest: 0.01 is one percent of the level, which is negligible.
  package var range: Double { (seasons.map(\.index).max() ?? 1) - (seasons.map(\.index).min() ?? 1) }

  /// Nil for yearly and daily data, for a series with gaps or with values not above zero, and with fewer than two years that have a trend.
  init?(_ series: Series) {
    let length = series.period.perYear
    guard length == 4 || length == 12 else { return nil }
    let values = series.points.compactMap { $0.value?.double }
    let isWhole = zip(series.points, series.points.dropFirst()).allSatisfy {
      $1.date.index(series.period) - $0.date.index(series.period) == 1
    }
    guard values.count == series.points.count, isWhole, values.count >= 3 * length, values.allSatisfy({ $0 > 0 }) else { return nil }
    var ratios = [[Double]](repeating: [], count: length)
    let half = length / 2
    for middle in half..<values.count - half {
      let inner = values[middle - half + 1...middle + half - 1].reduce(0, +)
      let trend = (inner + (values[middle - half] + values[middle + half]) / 2) / Double(length)
      ratios[Int(series.points[middle].date.index(series.period) % Int64(length))].append(values[middle] / trend)
    }
    guard ratios.allSatisfy({ $0.count >= 2 }) else { return nil }
    let means = ratios.map { $0.reduce(0, +) / Double($0.count) }
    let all = means.reduce(0, +) / Double(length)
    region = series.region.name
    metric = series.metric.name
    seasons = means.enumerated().map { Season(name: length == 4 ? "Q\($0.offset + 1)" : "\($0.offset + 1)", index: $0.element / all) }
  }
}

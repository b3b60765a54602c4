import Dataset

/// How far each season of the year is above or below the trend.
///
/// Classical multiplicative decomposition: each value is divided by the centered moving average of the year around it (for an even number of seasons
/// the mean of two adjacent averages), averaged by season, and scaled so that the mean of all seasons is 1 (Hyndman & Athanasopoulos, "Forecasting:
/// Principles and Practice", 3rd edition, 3.4).
public struct Seasonality: Sendable, Equatable {
  /// The index of one season.
  public struct Season: Sendable, Equatable {
    /// `Q1`, or a month's number.
    public let name: String
    /// 1.012 is 1.2 % above the trend.
    public let index: Double
  }

  /// The region's name.
  public let region: String
  /// The metric's name.
  public let metric: String
  /// The indexes, in the order of the year.
  public let seasons: [Season]
  /// The highest index minus the lowest: 0.01 is one percent of the level, which is negligible.
  public var range: Double { (seasons.map(\.index).max() ?? 1) - (seasons.map(\.index).min() ?? 1) }

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

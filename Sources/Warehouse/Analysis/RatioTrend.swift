import Dataset

/// The trend of a ratio (ARPU): its first, latest, lowest and highest value.
public struct RatioTrend: Sendable, Equatable {
  /// A value with its date.
  public struct Mark: Sendable, Equatable {
    /// The date of the value.
    public let date: Day
    /// The value, exact.
    public let value: FixedDecimal
  }

  /// The region's name.
  public let region: String
  /// The metric's name.
  public let metric: String
  /// The first value.
  public let first: Mark
  /// The latest value.
  public let latest: Mark
  /// The lowest value.
  public let lowest: Mark
  /// The highest value.
  public let highest: Mark
  /// The change from first to latest, as a fraction of the first; nil if the first is not above zero.
  public var change: Double? { first.value.double > 0 ? latest.value.double / first.value.double - 1 : nil }

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

import Dataset

/// How a ratio (ARPU) went: its first and latest value, its lowest and highest.
public struct RatioTrend: Sendable, Equatable {
  public struct Mark: Sendable, Equatable {
    public let date: Day
    public let value: FixedDecimal
  }

  public let region: String
  public let metric: String
  public let first: Mark
  public let latest: Mark
  public let lowest: Mark
  public let highest: Mark
  /// Latest against first, as a share.
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

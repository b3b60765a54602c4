import Dataset

/// Descriptive analysis of a dataset: growth, shares, members added, ARPU trend and seasonality. It is a pure function of a snapshot.
public struct Analysis: Sendable, Equatable {
  /// The resource's name.
  public let dataset: String
  /// The resource's title, if described.
  public let title: String?
  /// The interval between dates.
  public let period: StarMapping.Period
  /// Where the rows came from.
  public let origin: Provenance
  /// The metrics of the star mapping.
  public let metrics: [StarMapping.Metric]
  /// The regions of the star mapping.
  public let regions: [StarMapping.Region]
  /// The first date; nil without rows.
  public let first: Day?
  /// The last date; nil without rows.
  public let last: Day?
  /// The number of dates.
  public let dates: Int
  /// Growth of each series, by metric, then region.
  public let growth: [Growth]
  /// Shares of the regions in each metric that adds up over regions.
  public let shares: [RevenueMix]
  /// Net additions of each series of a stock metric.
  public let added: [NetAdditions]
  /// The trend of each series of a ratio metric.
  public let development: [RatioTrend]
  /// Seasonal indexes of each series that has enough data.
  public let seasonality: [Seasonality]

  /// Analyzes a snapshot.
  public init(_ snapshot: Snapshot) {
    dataset = snapshot.dataset
    title = snapshot.title
    period = snapshot.period
    origin = snapshot.provenance
    metrics = snapshot.metrics
    regions = snapshot.regions
    first = snapshot.dates.first
    last = snapshot.dates.last
    dates = snapshot.dates.count
    let series = snapshot.metrics.indices.flatMap { metric in
      snapshot.regions.indices.compactMap { snapshot.series(region: $0, metric: metric) }
    }
    growth = series.compactMap(Growth.init)
    shares = snapshot.metrics.indices.flatMap(snapshot.shares)
    added = series.filter { $0.metric.kind == .stock }.compactMap(NetAdditions.init)
    development = series.filter { $0.metric.kind == .ratio }.compactMap(RatioTrend.init)
    seasonality = series.filter { $0.metric.kind != .ratio && ($0.region.isTotal || snapshot.total == nil) }.compactMap(Seasonality.init)
  }
}

import Dataset

/// The figures that people ask a dataset for: growth, shares, members added, ARPU's way, seasons. Pure: a function of a snapshot.
public struct Analysis: Sendable, Equatable {
  public let dataset: String
  public let title: String?
  public let period: StarMapping.Period
  public let origin: Provenance
  public let metrics: [StarMapping.Metric]
  public let regions: [StarMapping.Region]
  public let first: Day?
  public let last: Day?
  public let dates: Int
  /// Each series, region by region within each metric.
  public let growth: [Growth]
  public let shares: [RevenueMix]
  public let added: [NetAdditions]
  public let development: [RatioTrend]
  public let seasonality: [Seasonality]

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

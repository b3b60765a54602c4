import Dataset

/// All facts of a dataset as they were at one moment, in memory: what analysis, checks and the dashboard read.
///
/// It is the same whether it was read from the CSV, from the landed rows or from a warehouse in Postgres or SQLite.
public struct Snapshot: Sendable, Equatable {
  /// The resource's name and title in the description.
  public let dataset: String
  public let title: String?
  public let period: StarMapping.Period
  public let regions: [StarMapping.Region]
  public let metrics: [StarMapping.Metric]
  /// Ascending, each once.
  public let dates: [Day]
  public let provenance: Provenance
  /// By region, metric and date: the value × 10^places; nil where the source has none.
  let units: [[[Int64?]]]
  /// By metric: decimal places of `units`.
  let places: [Int]

  /// The value of a metric in a region at a date, all by their index.
  public func value(region: Int, metric: Int, date: Int) -> FixedDecimal? {
    units[region][metric][date].map { FixedDecimal(unscaled: $0, scale: places[metric]) }
  }

  /// A series by names; nil if there is no such region or metric, or the source has no such column.
  public func series(region: String, metric: String) -> Series? {
    guard let region = regions.firstIndex(where: { $0.name == region }), let metric = metrics.firstIndex(where: { $0.name == metric })
    else {
      return nil
    }
    return series(region: region, metric: metric)
  }

  /// A series by indexes; nil if the source has no such column.
  public func series(region: Int, metric: Int) -> Series? {
    guard regions[region].fields[metric] != nil else { return nil }
    let points = dates.indices.map { Series.Observation(date: dates[$0], value: value(region: region, metric: metric, date: $0)) }
    return Series(region: regions[region], metric: metrics[metric], period: period, points: points)
  }

  /// Index of the region that stands for all the others.
  public var total: Int? { regions.firstIndex { $0.isTotal } }
}

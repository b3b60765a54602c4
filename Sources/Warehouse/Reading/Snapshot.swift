import Dataset

/// All facts of a dataset at one point in time, in memory: the input of analysis, checks and the dashboard.
///
/// Its content does not depend on the source: the CSV, the landed rows, or a warehouse in Postgres or SQLite.
public struct Snapshot: Sendable, Equatable {
  /// The resource's name in the description.
  public let dataset: String
  /// The resource's title in the description.
  public let title: String?
  /// The interval between dates.
  public let period: StarMapping.Period
  /// The regions of the star mapping.
  public let regions: [StarMapping.Region]
  /// The metrics of the star mapping.
  public let metrics: [StarMapping.Metric]
  /// Ascending, without duplicates.
  public let dates: [Day]
  /// Where the facts were read from.
  public let provenance: Provenance
  /// By region, metric and date: the value × 10^places; nil if the source has none.
  let units: [[[Int64?]]]
  /// For each metric the decimal places of `units`.
  let places: [Int]

  /// The value of a metric in a region at a date, all by index; nil if the source has none.
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

  /// Index of the region that is the total of all others, if there is one.
  public var total: Int? { regions.firstIndex { $0.isTotal } }
}

import Dataset

/// The values of one metric in one region, date by date.
public struct Series: Sendable, Equatable {
  public struct Point: Sendable, Equatable {
    public let date: Day
    /// Exact, with the metric's places; nil where the source has none.
    public let value: Amount?
  }

  public let region: StarMapping.Region
  public let metric: StarMapping.Metric
  public let period: StarMapping.Period
  /// One for each date of the dataset, in order.
  public let points: [Point]

  /// The points that have a value, as binary numbers for statistics.
  public var known: [(date: Day, value: Double)] {
    points.compactMap { point in point.value.map { (point.date, $0.double) } }
  }
}

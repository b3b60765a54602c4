import Dataset

/// A region's share of the sum of all regions, at the first and the latest date for which all regions have a value.
public struct RevenueMix: Sendable, Equatable {
  /// The region's name.
  public let region: String
  /// The metric's name.
  public let metric: String
  /// The first date for which all regions have a value.
  public let firstDate: Day
  /// The share at the first date, 0 to 1.
  public let first: Double
  /// The latest date for which all regions have a value.
  public let date: Day
  /// The share at the latest date, 0 to 1.
  public let latest: Double
}

extension Snapshot {
  /// Shares in a metric that adds up over regions; empty for a ratio, and if no date has values for all regions.
  func shares(metric: Int) -> [RevenueMix] {
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
      RevenueMix(
        region: regions[region].name, metric: metrics[metric].name, firstDate: dates[first], first: before[index] / before.reduce(0, +),
        date: dates[last], latest: now[index] / now.reduce(0, +))
    }
  }
}

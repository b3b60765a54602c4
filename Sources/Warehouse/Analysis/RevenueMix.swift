import Dataset

/// A region's part of all regions together, at the first and the latest date where all have a value. Shares are of the regions' own sum.
public struct RevenueMix: Sendable, Equatable {
  public let region: String
  public let metric: String
  public let firstDate: Day
  public let first: Double
  public let date: Day
  public let latest: Double
}

extension Snapshot {
  /// Shares of a metric that adds up over regions; empty for a ratio, and where no date has all of them.
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

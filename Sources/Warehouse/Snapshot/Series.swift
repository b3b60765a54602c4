import Dataset
import Support

/// The values of one metric in one region, date by date.
package struct Series: Sendable, Equatable {
  /// A date with its value.
  package struct Observation: Sendable, Equatable {
    /// The date.
    package let date: Day
    /// The exact value, with the metric's decimal places; nil if the source has none.
    package let value: FixedDecimal?
  }

  /// The region.
  package let region: StarMapping.Region
  /// The metric.
  package let metric: StarMapping.Metric
  /// The interval between dates.
  package let period: StarMapping.Period
  /// One point per date of the dataset, in order.
  package let points: [Observation]

  /// The points that have a value, as binary numbers for statistics.
  package var known: [(date: Day, value: Double)] {
    points.compactMap { point in point.value.map { (point.date, $0.double) } }
  }
}

extension Series {
  /// For example `global_revenue`: for file names and responses.
  package var name: String { Self.name(region: region.name, metric: metric.name) }

  /// The name of the series of a region and a metric.
  package static func name(region: String, metric: String) -> String { "\(region.lowercased())_\(metric)" }

  /// The length of a season for a forecast, in values: a week for daily data, else a year.
  package var season: Int { period == .day ? 7 : period.perYear }

  /// The values from the first to the last, for a forecast, which needs every value.
  ///
  /// Throws `.data` if the series is empty, or if a value or a period between them is missing.
  package func unbroken() throws(WarehouseError) -> [(date: Day, value: Double)] {
    guard let start = points.firstIndex(where: { $0.value != nil }), let end = points.lastIndex(where: { $0.value != nil }) else {
      throw WarehouseError(.data, "\(name) has no value", hint: "choose another region or metric")
    }
    let first = points[start].date
    var values: [(date: Day, value: Double)] = []
    for (number, point) in points[start...end].enumerated() {
      guard let value = point.value, point.date.index(period) == first.index(period) + Int64(number) else {
        let gap = point.value == nil ? "no value at \(point.date)" : "no row for the \(period.rawValue) before \(point.date)"
        throw WarehouseError(
          .data, "\(name) has \(gap)", hint: "a forecast needs every \(period.rawValue); 'netflix check' lists the gaps")
      }
      values.append((point.date, value.double))
    }
    return values
  }
}

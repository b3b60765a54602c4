import Console
import Dataset
import Warehouse

extension ForecastInput {
  /// A series of the dataset, from its first value to its last.
  ///
  /// - Throws: ``Failure`` 65 where a value or a period between them is missing: ARIMA needs every one.
  init(_ series: Series, place: String, dataset: String?) throws(Failure) {
    let name = "\(series.region.name.lowercased())_\(series.metric.name)"
    var known = series.points[...]
    while known.first?.value == nil, !known.isEmpty { known.removeFirst() }
    while known.last?.value == nil, !known.isEmpty { known.removeLast() }
    guard let first = known.first else {
      throw Failure(.badData, "\(place): \(name) has no value", advice: "Choose another series with --region and --metric.")
    }
    var values: [Double] = []
    for (number, point) in known.enumerated() {
      let due = first.date.index(series.period) + Int64(number)
      guard let value = point.value, point.date.index(series.period) == due else {
        let gap = point.value == nil ? "no value at \(point.date)" : "no row for the \(series.period.rawValue) before \(point.date)"
        throw Failure(
          .badData, "\(place): \(name) has \(gap)",
          advice: "A forecast needs every \(series.period.rawValue); 'netflix check' lists the gaps.")
      }
      values.append(value.double)
    }
    let metric = series.metric.title.prefix(1).lowercased() + series.metric.title.dropFirst()
    self.init(
      name: name, title: "\(series.region.name) \(metric)", place: place, source: "Source: \(dataset.map { "\($0) (\(place))" } ?? place)",
      values: values, dates: known.map(\.date.iso), period: series.period == .day ? 7 : series.period.perYear, unit: series.metric.unit,
      decimals: series.metric.decimals)
  }

  /// Whether a finding's cell, or one of its candidates, is of this series.
  func isTouched(by finding: Finding) -> Bool {
    let cells: [Finding.Cell] =
      switch finding.place {
      case .cell(let cell): [cell]
      case .oneOf(let cells): cells
      case .row: []
      }
    return cells.contains { "\($0.region.lowercased())_\($0.metric)" == name }
  }

  /// Where its picture goes unless told otherwise.
  var picture: String? {
    if dates.isEmpty { return nil }
    let safe = name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    return "outputs/\(String(safe))_forecast.png"
  }
}

import Console
import Dataset
import Warehouse

extension ForecastInput {
  /// A series of the dataset, from its first value to its last.
  ///
  /// - Throws: ``CommandError`` 65 if a value or a period between them is missing, because ARIMA needs a complete series.
  init(_ series: Series, place: String, dataset: String?) throws(CommandError) {
    let points: [(date: Day, value: Double)]
    do {
      points = try series.unbroken()
    } catch {
      throw CommandError(.badData, "\(place): \(error.message)", advice: error.advice?.sentence)
    }
    let metric = series.metric.title.prefix(1).lowercased() + series.metric.title.dropFirst()
    self.init(
      name: series.name, title: "\(series.region.name) \(metric)", place: place,
      source: "Source: \(dataset.map { "\($0) (\(place))" } ?? place)", values: points.map(\.value), dates: points.map(\.date.iso),
      period: series.season, unit: series.metric.countedUnit, decimals: series.metric.decimals)
  }

  /// Whether a finding's cell, or one of its candidate cells, belongs to this series.
  func isTouched(by finding: Finding) -> Bool {
    let cells: [Finding.AffectedCell] =
      switch finding.place {
      case .cell(let cell): [cell]
      case .oneOf(let cells): cells
      case .row: []
      }
    return cells.contains { Series.name(region: $0.region, metric: $0.metric) == name }
  }

  /// The default path of the chart; nil for a series without dates.
  var picture: String? {
    if dates.isEmpty { return nil }
    let safe = name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    return "outputs/\(String(safe))_forecast.png"
  }
}

import CommonOptions
import Console
import Dataset
import Warehouse

/// Options for the series.
struct ForecastSeriesOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The region, by its name in the description.", default: "the total"))
  var region: String?

  @Option(help: ArgumentHelp("The metric, by its name in the description.", default: "the first"))
  var metric: String?

  @Option(help: ArgumentHelp("A file with any series: one number per line, oldest first; - reads standard input.", valueName: "FILE"))
  var values: String?

  @Option(help: ArgumentHelp("Values per season: 4, 12, 1.", valueName: "N", default: "the dataset's; 1 with --values"), in: 1...366)
  var period: Int?

  mutating func validate() throws {
    if values != nil, region != nil || metric != nil {
      throw CommandError(.usage, "--values cannot be combined with --\(region == nil ? "metric" : "region")")
    }
  }

  func load(_ rows: SnapshotOptions, log: Log) throws -> ForecastInput {
    if let values { return try ForecastInput(file: values, period: period ?? 1) }
    let resource = try rows.described()
    let snapshot = try rows.snapshot(resource, log: log)
    var input = try choose(snapshot)
    let findings = QualityReport(resource: resource, snapshot: snapshot, origin: snapshot.provenance).findings
    input.doubts = findings.filter { input.isTouched(by: $0) }.map(\.headline)
    return input
  }

  /// Throws ``CommandError`` 64 for an unknown region or metric, 65 if the series has a gap.
  func choose(_ snapshot: Snapshot) throws -> ForecastInput {
    let region = try Self.index(region, of: snapshot.regions.map(\.name), "region") ?? snapshot.total ?? 0
    let metric = try Self.index(metric, of: snapshot.metrics.map(\.name), "metric") ?? 0
    guard let series = snapshot.series(region: region, metric: metric) else {
      let others = snapshot.metrics.indices.filter { snapshot.series(region: region, metric: $0) != nil }
      throw CommandError(
        .usage, "\(snapshot.regions[region].name) has no \(snapshot.metrics[metric].name)",
        advice: "It has \(others.map { snapshot.metrics[$0].name }.joined(separator: ", ")).")
    }
    var input = try ForecastInput(series, place: snapshot.provenance.place, dataset: snapshot.title)
    if let period { input.period = period }
    return input
  }

  private static func index(_ name: String?, of names: [String], _ what: String) throws(CommandError) -> Int? {
    guard let name else { return nil }
    guard let index = names.firstIndex(where: { $0.lowercased() == name.lowercased() }) else {
      throw CommandError(.usage, "--\(what) \(name): there is no such \(what)", advice: "There are \(names.joined(separator: ", ")).")
    }
    return index
  }
}

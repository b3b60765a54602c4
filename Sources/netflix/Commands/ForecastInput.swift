import CommonOptions
import Console
import Dataset
import Support
import Warehouse

/// A series to forecast, with its metadata.
struct ForecastInput {
  /// The name in JSON: "global_revenue", or the file's name.
  var name: String
  /// The human-readable name: "Global revenue".
  var title: String
  /// The source, for error messages: the file, or the table and its series.
  var location: String
  /// The source line below the chart.
  var source: String
  var values: [Double]
  /// `yyyy-mm-dd`; empty if the series has no dates.
  var dates: [String] = []
  var period: Int
  /// As in the description.
  var unit: String?
  var decimals: Int?
  /// The findings of the dataset's rules in this series; a forecast based on them is not reliable.
  var flaggedFindings: [String] = []
}

extension ForecastInput {
  /// Reads one number per line. Lines that start with # are comments; blank lines are allowed before the first number and after the last. `-` is
  /// standard input.
  ///
  /// - Throws: ``CommandError`` 66 if the file cannot be read, 65 with the line if a number is missing or invalid.
  init(file path: String, period: Int) throws(CommandError) {
    let location = path == "-" ? "standard input" : path
    var bytes = try InputFile.contents(path, what: "file of values")[...]
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw CommandError(.badData, "\(location): the text is UTF-16", hint: "Write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE.")
    }
    // A byte-order mark, which spreadsheets write.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    var values: [Double] = []
    var gap: Int?
    for (index, line) in String(decoding: bytes, as: UTF8.self).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let word = line.drop { $0.isWhitespace }.prefix { !$0.isWhitespace }
      if word.isEmpty, !values.isEmpty { gap = gap ?? index + 1 }
      if word.isEmpty || word.hasPrefix("#") { continue }
      let rest = line.drop { $0.isWhitespace }.dropFirst(word.count)
      guard rest.allSatisfy(\.isWhitespace), Self.isNumber(word), let value = Double(word), value.isFinite else {
        let hint = "Write one number per line, with a decimal point and no thousands separators."
        throw CommandError(.badData, "\(location):\(index + 1): “\(line.prefix(40))” is not a number", hint: hint)
      }
      if let gap {
        throw CommandError(
          .badData, "\(location):\(gap): blank line: a value is missing",
          hint: "A forecast needs a number for every period: add it, or delete the line if no value is missing.")
      }
      values.append(value)
    }
    let file = path == "-" ? location : path.split(separator: "/").last.map(String.init) ?? path
    let stem = file.hasPrefix(".") ? file : file.split(separator: ".").first.map(String.init) ?? file
    self.init(name: stem, title: stem, location: location, source: "Source: \(file)", values: values, period: period)
  }

  /// Decimal notation only, not the other forms that Swift accepts (nan, 0x1p3).
  private static func isNumber(_ word: Substring) -> Bool {
    word.utf8.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } && word.allSatisfy { "0123456789+-.eE".contains($0) }
  }
}

extension ForecastInput {
  /// A series of the dataset, from its first value to its last.
  ///
  /// - Throws: ``CommandError`` 65 if a value or a period between them is missing, because ARIMA needs a complete series.
  init(_ series: Series, location: String, dataset: String?) throws(CommandError) {
    let points: [(date: Day, value: Double)]
    do {
      points = try series.unbroken()
    } catch {
      throw CommandError(.badData, "\(location): \(error.message)", hint: error.hint)
    }
    let metric = series.metric.title.prefix(1).lowercased() + series.metric.title.dropFirst()
    self.init(
      name: series.name, title: "\(series.region.name) \(metric)", location: location,
      source: "Source: \(dataset.map { "\($0) (\(location))" } ?? location)", values: points.map(\.value), dates: points.map(\.date.iso),
      period: series.season, unit: series.metric.countedUnit, decimals: series.metric.decimals)
  }

  /// Whether a finding's cell, or one of its candidate cells, belongs to this series.
  func isAffected(by finding: Finding) -> Bool {
    let cells: [Finding.AffectedCell] =
      switch finding.location {
      case .cell(let cell): [cell]
      case .oneOf(let cells): cells
      case .row: []
      }
    return cells.contains { Series.name(region: $0.region, metric: $0.metric) == name }
  }

  /// The default path of the chart; nil for a series without dates.
  var defaultChartPath: String? {
    if dates.isEmpty { return nil }
    let safe = name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    return "outputs/\(String(safe))_forecast.png"
  }
}

/// Options for the series.
struct ForecastSeriesOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The region, by its name in the description.", valueName: "NAME", default: "the total"))
  var region: String?

  @Option(help: ArgumentHelp("The metric, by its name in the description.", valueName: "NAME", default: "the first"))
  var metric: String?

  @Option(help: ArgumentHelp("A file with any series: one number per line, oldest first; - reads standard input.", valueName: "FILE"))
  var values: String?

  @Option(
    help: ArgumentHelp(
      "Values per season: 4 for quarters, 12 for months, 1 for no season.", valueName: "N", default: "the dataset's; 1 with --values"),
    in: 1...366)
  var period: Int?

  mutating func validate() throws {
    if values != nil, region != nil || metric != nil {
      throw CommandError(.usage, "--values cannot be combined with --\(region == nil ? "metric" : "region")")
    }
  }

  func load(_ rows: SnapshotOptions, log: Log) throws -> ForecastInput {
    if let values { return try ForecastInput(file: values, period: period ?? 1) }
    let resource = try rows.loadResource()
    let snapshot = try rows.snapshot(resource, log: log)
    var input = try choose(snapshot)
    let findings = QualityReport(resource: resource, snapshot: snapshot, provenance: snapshot.provenance).findings
    input.flaggedFindings = findings.filter { input.isAffected(by: $0) }.map(\.headline)
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
        hint: "It has \(others.map { snapshot.metrics[$0].name }.joined(separator: ", ")).")
    }
    var input = try ForecastInput(series, location: snapshot.provenance.location, dataset: snapshot.title)
    if let period { input.period = period }
    return input
  }

  private static func index(_ name: String?, of names: [String], _ what: String) throws(CommandError) -> Int? {
    guard let name else { return nil }
    guard let index = names.firstIndex(where: { $0.lowercased() == name.lowercased() }) else {
      throw CommandError(.usage, "--\(what) \(name): there is no such \(what)", hint: "There are \(names.joined(separator: ", ")).")
    }
    return index
  }
}

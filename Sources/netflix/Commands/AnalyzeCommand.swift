import Charts
import CommonOptions
import Console
import Dataset
import Support
import Warehouse

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print and draw growth, shares, net additions, ARPU trend and seasonality.",
    discussion: """
      Growth is shown from the previous period, from the previous year, and as the compound annual rate since the first value of the same \
      season. Shares are of the sum of the regions. Seasonality is relative to a centered moving average over a year.

      EXIT STATUS
        0 done                         64 usage                             65 bad rows, with the location of the first
        66 no CSV, description or rows 69 Postgres not reachable            73 a chart cannot be drawn or written
        77 login or permission denied  78 the description is invalid
      """,
    examples: [
      .init("The CSV of this repository", "netflix analyze"),
      .init("The landed rows, machine-readable", "netflix analyze --from postgres --json"),
    ])

  @OptionGroup(title: "Rows") var rows: SnapshotOptions

  @OptionGroup(title: "Charts") var charts: ChartOptions

  @OptionGroup var output: OutputOptions

  mutating func run() throws {
    let resource = try rows.loadResource()
    let snapshot = try rows.snapshot(resource, log: output.log)
    let analysis = Analysis(snapshot)
    if output.json {
      try StandardOutput.print(analysis.json.line)
    } else {
      try StandardOutput.print(lines: analysis.lines)
    }
    // A wrong value makes the growth wrong, so the user must be warned.
    for finding in QualityReport(resource: resource, snapshot: snapshot, provenance: snapshot.provenance).findings {
      output.log.warning("flagged: \(finding.headline); netflix check shows the reason")
    }
    guard !charts.noCharts else { return }
    let drawn = try AnalysisCharts(snapshot: snapshot).draw(into: charts.charts, as: charts.chartFormat)
    for note in drawn.notes { output.log.warning(note) }
    for file in drawn.files { output.log.info("chart: \(file)") }
  }
}

/// The charts of `netflix analyze`: one per metric, with the total in black and the regions in colors.
struct AnalysisCharts {
  let snapshot: Snapshot

  /// With more lines, neither the lines nor their names are distinguishable.
  private static let maxLines = 12

  /// The name of a metric's chart: `revenue_trends`, `membership_trends`; a plural "s" is dropped.
  static func name(of metric: String) -> String {
    let singular = metric.count > 3 && metric.hasSuffix("s") && !metric.hasSuffix("ss") ? String(metric.dropLast()) : metric
    return String(singular.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }) + "_trends"
  }

  /// Draws all charts into a folder. Returns their files and notes for the user. Throws `ChartError`.
  func draw(into folder: String, as format: ImageFormat) throws -> (files: [String], notes: [String]) {
    var (files, notes): ([String], [String]) = ([], [])
    for metric in snapshot.metrics.indices {
      guard let chart = chart(metric) else { continue }
      let file = "\(folder)/\(Self.name(of: snapshot.metrics[metric].name)).\(format.rawValue)"
      for note in try Gnuplot.draw(chart, to: file) where !notes.contains(note) { notes.append(note) }
      files.append(file)
    }
    return (files, notes)
  }

  /// Nil if the metric has no values.
  func chart(_ metric: Int) -> Chart? {
    let all = snapshot.regions.indices.compactMap { snapshot.series(region: $0, metric: metric) }.filter { !$0.known.isEmpty }
    guard !all.isEmpty, let date = snapshot.dates.last else { return nil }
    // If there are too many, the largest are selected and kept in the description's order.
    let ranked = all.indices.sorted { Self.weight(all[$0]) > Self.weight(all[$1]) }.prefix(Self.maxLines).sorted()
    let series = ranked.map { all[$0] }
    let largest = series.flatMap { $0.known.map(\.value.magnitude) }.max() ?? 0
    let scale = DisplayScale(largest: largest, unit: snapshot.metrics[metric].countedUnit, decimals: snapshot.metrics[metric].decimals)
    let lowest = series.flatMap { $0.known.map(\.value) }.min() ?? 0
    return .trends(
      title: title(metric, series, date, scale), subtitle: subtitle(metric, shown: series.count, of: all.count), source: source,
      dates: snapshot.dates.map(\.iso), unit: scale.axis, fromZero: lowest >= 0, figure: { scale.short($0 * scale.factor) },
      lines: series.map { one in
        TrendLine(one.region.name, one.points.map { $0.value.map { $0.double / scale.factor } }, isWhole: one.region.isTotal)
      })
  }

  private static func weight(_ series: Series) -> Double { series.region.isTotal ? .infinity : series.known.last?.value.magnitude ?? 0 }

  /// The latest value and its growth; for a ratio, which has no total, the range over the regions.
  private func title(_ metric: Int, _ series: [Series], _ date: Day, _ scale: DisplayScale) -> String {
    let name = snapshot.metrics[metric].title
    let when = date.label(snapshot.period)
    if let whole = series.first(where: \.region.isTotal) ?? (series.count == 1 ? series.first : nil), let last = whole.points.last?.value {
      let growth = whole.change(at: whole.points.count - 1, periods: snapshot.period.perYear)
      let change = growth.map { ", \($0 < 0 ? "down" : "up") \(AxisLabelNumber.text(100 * $0.magnitude, decimals: 1)) % in a year" }
      return "\(name): \(scale.short(last.double)) in \(when)\(change ?? "")"
    }
    let lasts = series.compactMap { $0.points.last?.value?.double }
    guard let low = lasts.min(), let high = lasts.max() else { return name }
    return "\(name): \(scale.short(low)) to \(scale.short(high)) in \(when)"
  }

  private func subtitle(_ metric: Int, shown: Int, of all: Int) -> String {
    let what =
      switch snapshot.metrics[metric].kind {
      case .flow: "Each \(snapshot.period.rawValue)"
      case .stock: "At each \(snapshot.period.rawValue)’s end"
      case .ratio: "By \(snapshot.period.rawValue)"
      }
    if shown < all { return "\(what), the \(shown) largest of \(all) regions" }
    return all == 1 ? what : "\(what), by region"
  }

  private var source: String {
    "Source: \(snapshot.title.map { "\($0) (\(snapshot.provenance.location))" } ?? snapshot.provenance.location)"
  }
}

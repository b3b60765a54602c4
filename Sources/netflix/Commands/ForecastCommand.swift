import Charts
import CommonOptions
import Console
import Forecasting
import Foundation
import Support

struct ForecastCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Forecast one series, with prediction intervals, the reason for the model, and a backtest.",
    discussion: """
      Fits a seasonal ARIMA by exact maximum likelihood. Tests (KPSS, seasonal strength) choose the number of differences; \
      AICc over a grid and a backtest choose the rest of the order. In the backtest every model is fitted to the values known at each of the last \
      dates, forecasts the values that follow, and is compared with ETS, the last value, the last season's value and the line through both ends.

      EXIT STATUS
        0 done                         64 usage, no such series or order    65 bad rows, a gap, too short a series
        66 no CSV, description or rows 69 Postgres not reachable            73 the chart cannot be drawn or written
        77 login or permission denied  78 the description is invalid
      """,
    examples: [
      .init("Netflix's global revenue, the next four quarters", "netflix forecast"),
      .init("Members of a region, two years ahead", "netflix forecast --region UCAN --metric memberships --horizon 8"),
      .init("A manually chosen model", "netflix forecast --order 1,1,1 --drift"),
      .init(
        "Any series, one number per line, monthly", "netflix forecast --values passengers.txt --period 12 --order 2,1,1 --seasonal 0,1,0"),
    ])

  @OptionGroup(title: "Rows") var rows: SnapshotOptions
  @OptionGroup(title: "Series") var series: ForecastSeriesOptions
  @OptionGroup(title: "Model") var model: ForecastModelOptions

  @Option(
    name: .customLong("output"),
    help: ArgumentHelp(
      "The file for the chart, PNG or SVG by its extension.", valueName: "FILE",
      default: "outputs/REGION_METRIC_forecast.png; none with --values"))
  var chartPath: String?

  @Flag(help: "Do not draw a chart.")
  var noChart = false

  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    if series.values != nil, rows.csv != nil || rows.isFromGiven {
      throw CommandError(.usage, "--values cannot be combined with --\(rows.csv == nil ? "from" : "csv")")
    }
    if chartPath == "-" { throw CommandError(.usage, "--output takes a file: a chart cannot go to standard output") }
    if noChart, chartPath != nil {
      throw CommandError(.usage, "--output cannot be combined with --no-chart", hint: "Leave one of them out.")
    }
  }

  mutating func run() throws {
    // Before any work: an invalid file extension is a usage error.
    if let chartPath { try usage { () throws(ChartError) in _ = try ImageFormat(path: chartPath) } }
    let input = try series.load(rows, log: output.log)
    let order = try model.order(period: input.period)
    let report: ForecastReport
    do {
      report = try ForecastReport(
        TimeSeries(input.values, period: input.period), name: input.name, order: order, horizon: model.horizon, dates: input.dates)
    } catch {
      throw error.failure(of: input.location)
    }
    let scale = DisplayScale(largest: input.values.reduce(0) { max($0, $1.magnitude) }, unit: input.unit, decimals: input.decimals)
    if output.json {
      try StandardOutput.print(ForecastJSON.line(report))
    } else {
      try StandardOutput.print(lines: ForecastText(report: report, dates: input.dates, scale: scale, title: input.title).lines)
    }
    for headline in input.flaggedFindings { output.log.warning("flagged: \(headline); netflix check shows the reason") }
    guard !noChart, let file = chartPath ?? input.defaultChartPath else { return }
    let drawing = ForecastChart(report: report, title: input.title, dates: input.dates, scale: scale, source: input.source)
    for note in try Gnuplot.draw(drawing.chart, to: file) { output.log.warning(note) }
    output.log.info("chart: \(file)")
  }
}

private func usage(_ body: () throws(ChartError) -> Void) throws(CommandError) {
  do { try body() } catch { throw CommandError(.usage, error.message, hint: error.hint) }
}

/// The human-readable report.
struct ForecastText {
  let report: ForecastReport
  let dates: [String]
  let scale: DisplayScale
  let title: String

  var lines: [String] {
    let parts =
      report.model.isExact
      ? [forecast, exactModel, Self.wrapped(report.verdict)] : [forecast, model, backtest, Self.wrapped(report.verdict) + [residuals]]
    return [heading] + parts.filter { !$0.isEmpty }.flatMap { [""] + $0 }
  }

  private var heading: String {
    let span = dates.first.flatMap { first in dates.last.map { " from \(first) to \($0)" } } ?? ""
    return "\(title): \(report.series.count) \(PeriodName.plural(period: dates.isEmpty ? 0 : report.series.period))\(span)"
  }

  private var forecast: [String] {
    let rows = report.steps.enumerated().map { index, step in
      [
        report.dates.flatMap { index < $0.count ? $0[index] : nil } ?? "\(step.step)", scale.plain(step.mean),
        "\(scale.plain(step.lower80)) to \(scale.plain(step.upper80))", "\(scale.plain(step.lower95)) to \(scale.plain(step.upper95))",
      ]
    }
    return table([report.dates == nil ? "step" : "date", scale.axis, "80 % interval", "95 % interval"], rows)
  }

  private var model: [String] {
    let fit = report.model
    let aicc = fit.aicc.map { ", AICc \(AxisLabelNumber.text($0, decimals: 2))" } ?? ""
    return [
      "ARIMA\(fit.order): \((parameters + ["standard error \(scale.short(fit.sigma2.squareRoot()))"]).joined(separator: ", ")); "
        + "log likelihood \(AxisLabelNumber.text(fit.logLikelihood, decimals: 3))\(aicc)", "Why: \(report.reason).",
    ].flatMap(Self.wrapped)
  }

  private var parameters: [String] {
    report.model.parameters.map { name, value in
      "\(name) \(name == "mean" || name == "drift" ? scale.short(value) : AxisLabelNumber.text(value, decimals: 3))"
    }
  }

  private var exactModel: [String] {
    let figures = parameters.isEmpty ? "" : ": " + parameters.joined(separator: ", ")
    return ["ARIMA\(report.model.order)\(figures)", "Why: \(report.reason)."].flatMap(Self.wrapped)
  }

  private var backtest: [String] {
    if report.backtest.scores.isEmpty { return [] }
    let rows = report.backtest.scores.map { score in
      [
        score.model, score.mape.map { "\(AxisLabelNumber.text($0, decimals: 1)) %" } ?? "–", AxisLabelNumber.text(score.mase, decimals: 2),
        "\(AxisLabelNumber.text(100 * score.coverage95, decimals: 0)) %",
      ]
    }
    return table(["backtest", "MAPE", "MASE", "in 95 % interval"], rows)
  }

  private var residuals: String {
    let test = report.model.ljungBox
    guard let p = test.p else { return "Residuals: too few values for a Ljung–Box test." }
    return "Residuals: Ljung–Box over \(counted(test.lags, "lag")), p = \(AxisLabelNumber.text(p, decimals: 3)): "
      + (p < 0.05 ? "autocorrelated." : "not autocorrelated.")
  }

  private func table(_ header: [String], _ rows: [[String]]) -> [String] {
    TextTable(figures: [header] + rows).rows.map { $0.joined(separator: "   ") }
  }

  /// Lines of at most 100 characters.
  private static func wrapped(_ text: String) -> [String] {
    // A number and its percent sign stay on one line.
    text.replacing(" %", with: "\u{A0}%").wrapped(width: 100).map { $0.replacing("\u{A0}%", with: " %") }
  }
}

/// The report as one line of JSON.
enum ForecastJSON {
  static func line(_ report: ForecastReport) throws -> String {
    let encoder = JSONEncoder()
    // A fixed order of keys, so that the same series gives the same line.
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(report), as: UTF8.self)
  }
}

/// Options for the model and the horizon.
struct ForecastModelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The ARIMA order p,d,q, or auto.", valueName: "P,D,Q"))
  var order = "auto"

  @Option(help: ArgumentHelp("Seasonal terms P,D,Q; requires --order.", valueName: "P,D,Q", default: "none"))
  var seasonal: String?

  @Flag(help: "Add a constant to the once differenced series; requires --order.")
  var drift = false

  @Option(help: ArgumentHelp("Number of periods to forecast.", valueName: "N"), in: 1...400)
  var horizon = 4

  mutating func validate() throws {
    if order == "auto", seasonal != nil || drift {
      throw CommandError(
        .usage, "\(drift ? "--drift" : "--seasonal") requires --order",
        hint: "Add --order p,d,q; without it, seasonal terms and drift are chosen automatically.")
    }
    if order != "auto" { _ = try Self.numbers("--order", order) }
    if let seasonal { _ = try Self.numbers("--seasonal", seasonal) }
  }

  /// The order; nil for auto. Throws ``CommandError`` 64 for an order that the period or the likelihood does not allow.
  func order(period: Int) throws(CommandError) -> ArimaOrder? {
    if order == "auto" { return nil }
    let (p, d, q) = try Self.numbers("--order", order)
    let season = try seasonal.map { text throws(CommandError) in try Self.numbers("--seasonal", text) } ?? (0, 0, 0)
    do {
      return try ArimaOrder(p, d, q, seasonal: .init(season.0, season.1, season.2), period: period, drift: drift)
    } catch {
      throw CommandError(.usage, error.message, hint: error.hint)
    }
  }

  private static func numbers(_ option: String, _ text: String) throws(CommandError) -> (Int, Int, Int) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in part.allSatisfy { $0.isASCII && $0.isNumber } ? Int(part) : nil }
    guard parts.count == 3, numbers.count == 3 else {
      throw CommandError(.usage, "\(option) \(text): not three whole numbers", hint: "Write them as 1,1,1.")
    }
    return (numbers[0], numbers[1], numbers[2])
  }
}

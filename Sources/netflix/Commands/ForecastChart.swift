import Charts
import Forecasting
import Support

/// The chart of a forecast: history, the backtest's forecasts, the forecast and its two intervals.
struct ForecastChart {
  let report: ForecastReport
  /// The human-readable name of the series.
  let title: String
  /// Dates of the history; empty if the series has none.
  let dates: [String]
  let scale: DisplayScale
  let source: String

  var chart: Chart {
    let values = report.series.values.map { $0 / scale.factor }
    let last = values.count - 1
    var chart = Chart(
      title: headline, subtitle: subtitle, source: source, x: periods, y: .init(unit: scale.axis, fromZero: fromZero))
    let edges = { (lower: KeyPath<ForecastStep, Double>, upper: KeyPath<ForecastStep, Double>) in
      [Chart.Band.Edge(Double(last), values[last], values[last])]
        + report.steps.map { .init(Double(last + $0.step), $0[keyPath: lower] / scale.factor, $0[keyPath: upper] / scale.factor) }
    }
    chart.bands =
      report.model.isExact
      ? []
      : [
        .init(label: "95 % interval", color: .blue, opacity: 0.16, edges: edges(\.lower95, \.upper95)),
        .init(label: "80 % interval", color: .blue, opacity: 0.34, edges: edges(\.lower80, \.upper80)),
      ]
    chart.series = earlier(values)
    chart.series.append(
      .init(label: nil, color: .black, points: values.enumerated().map { .init(Double($0.offset), $0.element) }))
    let ahead = [Chart.Point(Double(last), values[last])] + report.steps.map { .init(Double(last + $0.step), $0.mean / scale.factor) }
    chart.series.append(
      .init(label: ahead.last?.y.map { "Forecast \(scale.short($0 * scale.factor))" }, color: .blue, style: .dashed, points: ahead))
    chart.splits = [.init(Double(last), label: "last known: \(scale.short(report.series.values[last]))")]
    chart.notes = note(values).map { [$0] } ?? []
    return chart
  }

  /// Labels the thin lines, on the side of the history with most of them.
  private func note(_ values: [Double]) -> Chart.Annotation? {
    let points = report.backtest.points
    let text = "backtest: forecasts at earlier dates"
    let over = points.reduce(0.0) { $0 + $1.forecast.mean - $1.actual } > 0
    func distance(_ point: Backtest.Evaluation) -> Double { (point.forecast.mean - point.actual) * (over ? 1 : -1) }
    guard let extreme = points.max(by: { distance($0) < distance($1) }) else { return nil }
    return .init(
      Double(extreme.index), extreme.forecast.mean / scale.factor, text: text, color: .vermillion, isAbove: over)
  }

  /// One thin line per origin: from the last known value through the forecast steps. Many origins are thinned out.
  private func earlier(_ values: [Double]) -> [Chart.PlotSeries] {
    let origins = report.backtest.origins
    let every = max(1, (origins.count + 11) / 12)
    return origins.enumerated().filter { $0.offset.isMultiple(of: every) }.map { _, origin in
      let steps = report.backtest.points.filter { $0.origin == origin }
      return .init(
        label: nil, color: .vermillion, style: .thin,
        points: [.init(Double(origin - 1), values[origin - 1])] + steps.map { .init(Double($0.index), $0.forecast.mean / scale.factor) })
    }
  }

  private var periods: Chart.XAxis {
    guard let ahead = report.dates, !dates.isEmpty else { return PeriodAxis.axis(count: report.series.count + report.steps.count) }
    return PeriodAxis.axis(dates + ahead)
  }

  private var headline: String {
    guard let last = report.steps.last else { return title }
    let place = report.dates?.last.map { "in \(PeriodName.of($0, period: report.series.period))" } ?? "in \(counted(last.step, "step"))"
    return "\(title): \(scale.short(last.mean)) expected \(place)"
  }

  private var subtitle: String {
    if report.model.isExact { return report.verdict }
    guard let own = report.backtest.scores.first else { return "ARIMA\(report.model.order); too short a series for a backtest" }
    let error =
      own.mape.map { "erred by \(AxisLabelNumber.text($0, decimals: 1)) % on average" }
      ?? "has a MASE of \(AxisLabelNumber.text(own.mase, decimals: 2))"
    return
      "ARIMA\(report.model.order): its backtest \(error); its 95 % interval held \(AxisLabelNumber.text(100 * own.coverage95, decimals: 0)) % of the values"
  }

  /// From 0 only if the values come near it.
  private var fromZero: Bool {
    let low = report.series.values.min() ?? 0
    let high = report.series.values.max() ?? 0
    return low >= 0 && low < high * 0.25
  }
}

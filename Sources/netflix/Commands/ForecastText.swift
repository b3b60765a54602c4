import Charts
import Forecasting

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
    return Self.table([report.dates == nil ? "step" : "date", scale.axis, "80 % interval", "95 % interval"], rows)
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
    return Self.table(["backtest", "MAPE", "MASE", "in 95 % interval"], rows)
  }

  private var residuals: String {
    let test = report.model.ljungBox
    guard let p = test.p else { return "Residuals: too few values for a Ljung–Box test." }
    return "Residuals: Ljung–Box over \(test.lags) lags, p = \(AxisLabelNumber.text(p, decimals: 3)): "
      + (p < 0.05 ? "autocorrelated." : "not autocorrelated.")
  }

  /// Lines of at most 100 characters.
  private static func wrapped(_ text: String) -> [String] {
    // A number and its percent sign stay on one line.
    text.replacing(" %", with: "\u{A0}%").split(separator: " ").reduce(into: [String]()) { lines, word in
      if let last = lines.last, last.count + 1 + word.count <= 100 {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }.map { $0.replacing("\u{A0}%", with: " %") }
  }

  /// Columns as wide as their widest cell; the first is left-aligned, the others are right-aligned.
  private static func table(_ head: [String], _ rows: [[String]]) -> [String] {
    let all = [head] + rows
    let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      row.enumerated().map { column, cell in
        let blanks = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + blanks : blanks + cell
      }.joined(separator: "   ")
    }
  }
}

import Glibc
import Support

/// The report of `netflix forecast` and the dashboard on a series: model, reason, forecast, backtest, diagnostics.
package struct ForecastReport: Sendable {
  /// The name of the series.
  package let name: String
  /// The series.
  package let series: TimeSeries
  /// The fitted model.
  package let model: Arima
  /// Why this model was chosen.
  package let reason: String
  /// The forecast, one element per step.
  package let steps: [ForecastStep]
  /// One date per step (`yyyy-mm-dd`); nil if the series has no evenly spaced dates.
  package let dates: [String]?
  /// The backtest of the model against the other models.
  package let backtest: Backtest
  /// Which model is best for this series and by how much, in words.
  package let verdict: String
  /// The search for the order; nil if the order was given, or the series has no noise.
  package let search: AutoArima?

  /// Forecasts with the given order, or with the one chosen by tests, AICc and backtest. A series without noise needs no model: the forecast
  /// continues it. Throws ForecastingError if no model can be fitted.
  ///
  /// - Parameter dates: the dates of the values (`yyyy-mm-dd`); empty if there are none.
  package init(
    _ series: TimeSeries, name: String, order: ArimaOrder? = nil, horizon: Int = 4, dates: [String] = []
  ) throws(ForecastingError) {
    self.name = name
    self.series = series
    self.dates = ForecastDates.following(dates, count: horizon)
    if let exact = Arima.exact(series) {
      search = nil
      model = exact
      steps = try exact.forecast(horizon)
      backtest = Backtest(horizon: horizon, origins: [], scores: [], points: [])
      reason = Self.exactReason(exact, askedFor: order)
      verdict = Self.exactVerdict(exact)
      return
    }
    search = order == nil ? try AutoArima(series) : nil
    let candidates = search?.supported.map(\.order) ?? [order].compactMap(\.self)
    var others: [Forecaster] = [.ets, .baseline(.naive), .baseline(.drift)]
    if series.period > 1 { others.append(.baseline(.seasonalNaive)) }
    let backtests = Backtest.compare(series, candidates.map(Forecaster.arima), with: others, horizon: horizon)
    let scores = backtests.map { $0.scores.first?.mase ?? .infinity }
    let pick = scores.indices.min { scores[$0] < scores[$1] } ?? 0
    let chosen = candidates[pick]
    reason = search.map { Self.reason($0, pick: pick, scores: scores) } ?? "ARIMA\(chosen) as requested"
    model = try Arima.fit(series, order: chosen)
    steps = try model.forecast(horizon)
    backtest = backtests[pick]
    verdict = Self.verdict(backtest, chosen: chosen)
  }

  /// The p-value of the Ljung–Box test of the residuals; nil if it cannot be computed.
  package var ljungBoxP: Double? { model.ljungBox.p }
}

extension ForecastReport: Encodable {
  private enum Key: String, CodingKey { case series, period, n, model, forecast, backtest, residuals, verdict }
  private enum ModelKey: String, CodingKey { case order, seasonal, drift, parameters, sigma2, loglik, aicc, reason }
  private enum StepKey: String, CodingKey { case date, step, mean, lower80, upper80, lower95, upper95 }
  private enum ScoreKey: String, CodingKey { case model, mape, mase, coverage95 }
  private enum ResidualKey: String, CodingKey { case ljungBoxP = "ljung_box_p" }
  private struct ParameterKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Encodes one object: series, period, n, model, forecast, backtest, residuals, verdict. `mape` is in percent, `coverage95` a fraction. Missing values
  /// are null (such as the likelihood of a series without noise).
  ///
  /// - Throws: what the encoder throws.
  package func encode(to encoder: any Encoder) throws {
    var whole = encoder.container(keyedBy: Key.self)
    try whole.encode(name, forKey: .series)
    try whole.encode(series.period, forKey: .period)
    try whole.encode(series.count, forKey: .n)
    var fit = whole.nestedContainer(keyedBy: ModelKey.self, forKey: .model)
    let order = model.order
    try fit.encode([order.p, order.d, order.q], forKey: .order)
    try fit.encode([order.seasonal.p, order.seasonal.d, order.seasonal.q], forKey: .seasonal)
    try fit.encode(order.drift, forKey: .drift)
    var parameters = fit.nestedContainer(keyedBy: ParameterKey.self, forKey: .parameters)
    for parameter in model.parameters { try parameters.encode(parameter.value, forKey: ParameterKey(stringValue: parameter.name)) }
    try fit.encode(model.sigma2, forKey: .sigma2)
    try fit.encode(model.isExact ? nil : model.logLikelihood, forKey: .loglik)
    try fit.encode(model.aicc, forKey: .aicc)
    try fit.encode(reason, forKey: .reason)
    var list = whole.nestedUnkeyedContainer(forKey: .forecast)
    for (index, step) in steps.enumerated() {
      var item = list.nestedContainer(keyedBy: StepKey.self)
      if let dates, index < dates.count {
        try item.encode(dates[index], forKey: .date)
      } else {
        try item.encode(step.step, forKey: .step)
      }
      try item.encode(step.mean, forKey: .mean)
      try item.encode(step.lower80, forKey: .lower80)
      try item.encode(step.upper80, forKey: .upper80)
      try item.encode(step.lower95, forKey: .lower95)
      try item.encode(step.upper95, forKey: .upper95)
    }
    var scores = whole.nestedUnkeyedContainer(forKey: .backtest)
    for score in backtest.scores {
      var item = scores.nestedContainer(keyedBy: ScoreKey.self)
      try item.encode(score.model, forKey: .model)
      try item.encode(score.mape, forKey: .mape)
      try item.encode(score.mase, forKey: .mase)
      try item.encode(score.coverage95, forKey: .coverage95)
    }
    var residuals = whole.nestedContainer(keyedBy: ResidualKey.self, forKey: .residuals)
    try residuals.encode(ljungBoxP, forKey: .ljungBoxP)
    try whole.encode(verdict, forKey: .verdict)
  }
}

extension ForecastReport {
  /// Why the order was chosen: the test statistics, the grid and the deciding criterion.
  static func reason(_ search: AutoArima, pick: Int, scores: [Double]) -> String {
    var parts: [String] = []
    if let strength = search.strength {
      let figure = NumberText.text(strength, places: 2)
      parts.append(
        search.seasonalD > 0
          ? "one seasonal difference, as the season's strength \(figure) is above \(SeasonalDecomposition.limit)"
          : "no seasonal difference, as the season's strength \(figure) is not above \(SeasonalDecomposition.limit)")
    }
    let tests = search.stationarity.map { NumberText.text($0.statistic, places: 3) }.joined(separator: ", then ")
    let times = ["no difference", "one difference", "two differences"][min(search.d, 2)]
    parts.append("\(times), as KPSS is \(tests) (limit \(Kpss.criticalValue))")
    let best = search.supported[pick]
    let aicc = NumberText.text(best.aicc ?? .nan, places: 2)
    let grid = search.grid
    let seasonal =
      (2...TimeSeries.maxTriedPeriod).contains(search.series.period) ? ", P ≤ \(grid.seasonalP), Q ≤ \(grid.seasonalQ)" : ""
    let among =
      "of \(counted(search.models.count, "model")) (p ≤ \(grid.p), q ≤ \(grid.q)\(seasonal), at most \(counted(grid.coefficients, "term")))"
    if search.supported.count == 1 {
      parts.append("\(among) \(best.order) has the lowest AICc, \(aicc), and no other comes within \(Int(AutoArima.support))")
    } else {
      let standing = pick == 0 ? "has the lowest AICc, \(aicc)," : "has an AICc of \(aicc), within \(Int(AutoArima.support)) of the lowest,"
      let measured =
        scores[pick].isFinite
        ? "and of the \(search.supported.count) with such support the lowest backtest error (MASE \(NumberText.text(scores[pick], places: 2)))"
        : "and the series is too short for a backtest"
      parts.append("\(among) \(best.order) \(standing) \(measured)")
    }
    return parts.joined(separator: "; ")
  }

  static func exactReason(_ model: Arima, askedFor order: ArimaOrder?) -> String {
    let asked = order.map { "ARIMA\($0) was requested, but " } ?? ""
    return "\(asked)the series is constant after the differencing of ARIMA\(model.order): it has no noise to estimate"
  }

  /// The pattern of a series without noise, and of its forecast.
  static func exactVerdict(_ model: Arima) -> String {
    let pattern =
      switch (model.order.d, model.order.seasonal.d) {
      case (0, 0): "All \(model.series.count) values are equal: the forecast is that value,"
      case (1, 0): "The values lie on a straight line: the forecast continues it,"
      case (_, 0): "The values lie on a curve without noise: the forecast continues it,"
      case (0, _) where !model.order.drift: "Each season repeats the one before: the forecast repeats it,"
      default: "Each season differs from the one before in the same way: the forecast continues this pattern,"
      }
    return "\(pattern) and its intervals have no width."
  }

  /// Which model is best for this series, and by how much.
  static func verdict(_ backtest: Backtest, chosen: ArimaOrder) -> String {
    let ranked = backtest.scores.sorted { $0.mase < $1.mase }
    guard let best = ranked.first, ranked.count > 1, let own = backtest.scores.first else {
      return "The series is too short for a backtest: the accuracy of this model is unknown."
    }
    func named(_ score: Backtest.Score) -> String {
      switch score.model {
      case "ARIMA": "ARIMA\(chosen)"
      case Baseline.drift.rawValue: "the drift line"
      case Baseline.naive.rawValue, Baseline.seasonalNaive.rawValue: "the \(score.model) forecast"
      default: score.model
      }
    }
    func figure(_ score: Backtest.Score) -> String { NumberText.text(score.mase, places: 2) }
    let origins = backtest.origins.count
    let setting =
      "Over \(backtest.comparisons) forecasts from \(counted(origins, "origin")), 1 to \(backtest.horizon) steps ahead,"
    let level = ranked.filter { ($0.mase - best.mase) <= 0.005 * best.mase }
    let ownTies = level.contains(own)
    let held = "\(NumberText.text(100 * own.coverage95, places: 0)) %"
    let coverage =
      own.coverage95 < 0.85
      ? "ARIMA's 95 % interval held only \(held) of the values: it is too narrow."
      : "ARIMA's 95 % interval held \(held) of the values."
    if ownTies, level.count > 1 {
      let equals = level.filter { $0 != own }.map(named).joined(separator: " and ")
      let next = ranked.first { !level.contains($0) }
      let lead = next.map { "; \(named($0)) follows with \(figure($0)), \(percent($0.mase, over: best.mase)) more" } ?? ""
      return "\(setting) \(named(own)) and \(equals) are level and best, with a MASE of \(figure(own))\(lead). \(coverage)"
    }
    if ownTies {
      let next = ranked[1]
      return "\(setting) \(named(own)) is best, with a MASE of \(figure(own)): the error of the next, \(named(next)), is "
        + "\(percent(next.mase, over: own.mase)) larger (\(figure(next))). \(coverage)"
    }
    return "\(setting) \(named(best)) is best, with a MASE of \(figure(best)): the error of \(named(own)) is "
      + "\(percent(own.mase, over: best.mase)) larger (\(figure(own))). \(coverage)"
  }

  private static func percent(_ value: Double, over base: Double) -> String { "\(NumberText.text(100 * (value / base - 1), places: 0)) %" }
}

/// Formats numbers for sentences, without Foundation's formatter.
enum NumberText {
  /// The value with a fixed number of decimal places: "0.463".
  static func text(_ value: Double, places: Int) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
    let unit = (0..<places).reduce(1) { whole, _ in whole * 10 }
    let scaled = Int((value.magnitude * Double(unit)).rounded())
    let sign = value < 0 && scaled != 0 ? "−" : ""
    guard places > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % unit)
    return "\(sign)\(scaled / unit).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
  }
}

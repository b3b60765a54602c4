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
    parts.append("\(times), as KPSS is \(tests) (limit \(Kpss.limit))")
    let best = search.supported[pick]
    let aicc = NumberText.text(best.aicc ?? .nan, places: 2)
    let grid = search.grid
    let seasonal =
      (2...TimeSeries.longestTriedPeriod).contains(search.series.period) ? ", P ≤ \(grid.seasonalP), Q ≤ \(grid.seasonalQ)" : ""
    let among = "of \(search.models.count) models (p ≤ \(grid.p), q ≤ \(grid.q)\(seasonal), at most \(grid.coefficients) terms)"
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
      "Over \(backtest.comparisons) forecasts from \(origins) origin\(origins == 1 ? "" : "s"), 1 to \(backtest.horizon) steps ahead,"
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

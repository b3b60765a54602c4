/// All that `netflix forecast` and the dashboard tell of a series: model, reason, forecast, backtest, diagnostics.
public struct ForecastReport: Sendable {
  public let name: String
  public let series: TimeSeries
  public let model: Arima
  /// Why this model.
  public let reason: String
  public let steps: [ForecastStep]
  /// One date a step (`yyyy-mm-dd`), where the series has dates.
  public let dates: [String]?
  public let backtest: Backtest
  /// A plain sentence: which model is best here, and by how much.
  public let verdict: String
  /// The search for the order; nil where the order was given.
  public let search: AutoArima?

  /// Forecasts with the given order, or with the one that tests, AICc and backtest choose.
  public init(
    _ series: TimeSeries, name: String, order: ArimaOrder? = nil, horizon: Int = 4, dates: [String]? = nil
  ) throws(ForecastingError) {
    self.name = name
    self.series = series
    search = order == nil ? try AutoArima(series) : nil
    let candidates = search?.supported.map(\.order) ?? [order].compactMap(\.self)
    var others: [Forecaster] = [.ets, .baseline(.naive), .baseline(.drift)]
    if series.period > 1 { others.append(.baseline(.seasonalNaive)) }
    let backtests = Backtest.compare(series, candidates.map(Forecaster.arima), with: others, horizon: horizon)
    let scores = backtests.map { $0.scores.first?.mase ?? .infinity }
    let pick = scores.indices.min { scores[$0] < scores[$1] } ?? 0
    let chosen = candidates[pick]
    reason = search.map { Self.reason($0, pick: pick, scores: scores) } ?? "ARIMA\(chosen) as asked for"
    model = try Arima.fit(series, order: chosen)
    steps = try model.forecast(horizon)
    self.dates = dates.map { Array($0.prefix(horizon)) }
    backtest = backtests[pick]
    verdict = Self.verdict(backtest, chosen: chosen)
  }

  /// P of the Ljung–Box test of the residuals.
  public var ljungBoxP: Double? { model.ljungBox.p }
}

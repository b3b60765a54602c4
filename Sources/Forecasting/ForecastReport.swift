/// The report of `netflix forecast` and the dashboard on a series: model, reason, forecast, backtest, diagnostics.
public struct ForecastReport: Sendable {
  /// The name of the series.
  public let name: String
  /// The series.
  public let series: TimeSeries
  /// The fitted model.
  public let model: Arima
  /// Why this model was chosen.
  public let reason: String
  /// The forecast, one element per step.
  public let steps: [ForecastStep]
  /// One date per step (`yyyy-mm-dd`); nil if the series has no evenly spaced dates.
  public let dates: [String]?
  /// The backtest of the model against the other models.
  public let backtest: Backtest
  /// Which model is best for this series and by how much, in words.
  public let verdict: String
  /// The search for the order; nil if the order was given, or the series has no noise.
  public let search: AutoArima?

  /// Forecasts with the given order, or with the one chosen by tests, AICc and backtest. A series without noise needs no model: the forecast
  /// continues it. Throws ForecastingError if no model can be fitted.
  ///
  /// - Parameter dates: the dates of the values (`yyyy-mm-dd`); empty if there are none.
  public init(
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
  public var ljungBoxP: Double? { model.ljungBox.p }
}

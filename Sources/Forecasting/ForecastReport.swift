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
  /// The search for the order; nil where the order was given, or the series has no noise.
  public let search: AutoArima?

  /// Forecasts with the given order, or with the one that tests, AICc and backtest choose. A series without noise needs no model: it goes on
  /// as it went.
  ///
  /// - Parameter dates: Those of the series' values (`yyyy-mm-dd`); empty where it has none.
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
    reason = search.map { Self.reason($0, pick: pick, scores: scores) } ?? "ARIMA\(chosen) as asked for"
    model = try Arima.fit(series, order: chosen)
    steps = try model.forecast(horizon)
    backtest = backtests[pick]
    verdict = Self.verdict(backtest, chosen: chosen)
  }

  /// P of the Ljung–Box test of the residuals.
  public var ljungBoxP: Double? { model.ljungBox.p }
}

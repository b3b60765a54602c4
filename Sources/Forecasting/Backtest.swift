/// How well models would have forecast this series: at each of several origins they are fitted to the values before it and forecast the values
/// after it (rolling origin, Tashman 2000).
package struct Backtest: Sendable {
  /// The errors of one model.
  package struct Score: Sendable, Equatable {
    /// ARIMA, ETS, naive, seasonal naive or drift.
    package let model: String
    /// Mean absolute error in percent of the actual value; nil if an actual value is zero.
    package let mape: Double?
    /// Mean absolute error divided by that of the naive forecast one step (season) ahead within the known values (Hyndman & Koehler 2006).
    package let mase: Double
    /// The fraction, 0 to 1, of actual values within the 95 % interval.
    package let coverage95: Double
  }

  /// One forecast with the actual value.
  package struct Evaluation: Sendable, Equatable {
    /// The number of known values.
    package let origin: Int
    /// The forecast.
    package let forecast: ForecastStep
    /// The actual value.
    package let actual: Double
    /// The index of the actual value in the series, from 0.
    package var index: Int { origin + forecast.step - 1 }
  }

  /// The most origins of a backtest.
  package static let maxOrigins = 24

  /// The most steps ahead.
  package let horizon: Int
  /// The number of known values at each origin.
  package let origins: [Int]
  /// ARIMA first, then the other models; empty if the series is too short for one origin.
  package let scores: [Score]
  /// The ARIMA model's forecasts.
  package let points: [Evaluation]
  /// Forecasts compared for each model.
  package var comparisons: Int { points.count }

  /// One backtest per candidate, each compared with the other models, all over the same origins. No scores if the series is too short for
  /// one origin.
  static func compare(_ series: TimeSeries, _ candidates: [Forecaster], with others: [Forecaster], horizon: Int) -> [Backtest] {
    let n = series.count
    let competitors = candidates + others
    let lag = (SeasonalDecomposition(series)?.strength ?? 0) > SeasonalDecomposition.limit ? series.period : 1
    let first = max((n + 1) / 2, competitors.map { $0.shortest(period: series.period) }.max() ?? 0, lag + 3)
    var used: [Int] = []
    var all = [[Evaluation]](repeating: [], count: competitors.count)
    var scales: [Double] = []
    for origin in spaced(first, n - 1) {
      let known = series.prefix(origin)
      let ahead = min(horizon, n - origin)
      let steps = competitors.map { try? $0.forecast(known, ahead) }
      // An origin is used only if every model can be fitted there.
      guard steps.allSatisfy({ $0 != nil }) else { continue }
      used.append(origin)
      let scale = (lag..<origin).reduce(0.0) { $0 + (known.values[$1] - known.values[$1 - lag]).magnitude } / Double(origin - lag)
      scales += Array(repeating: scale, count: ahead)
      for (which, forecast) in steps.enumerated() {
        all[which] += (forecast ?? []).map { Evaluation(origin: origin, forecast: $0, actual: series.values[origin + $0.step - 1]) }
      }
    }
    let scores = zip(competitors, all).map { score($0.name, $1, scales) }
    return candidates.indices.map { which in
      Backtest(
        horizon: horizon, origins: used, scores: used.isEmpty ? [] : [scores[which]] + scores[candidates.count...], points: all[which])
    }
  }

  private static func spaced(_ first: Int, _ last: Int) -> [Int] {
    guard first <= last else { return [] }
    let count = min(maxOrigins, last - first + 1)
    return (0..<count).map { count == 1 ? last : first + (last - first) * $0 / (count - 1) }
  }

  private static func score(_ name: String, _ points: [Evaluation], _ scales: [Double]) -> Score {
    let count = Double(points.count)
    let errors = points.map { ($0.actual - $0.forecast.mean).magnitude }
    let relative = zip(errors, points).reduce(0.0) { $0 + $1.0 / $1.1.actual.magnitude }
    let within = points.count { $0.actual >= $0.forecast.lower95 && $0.actual <= $0.forecast.upper95 }
    return Score(
      model: name, mape: relative.isFinite ? 100 * relative / count : nil,
      mase: zip(errors, scales).reduce(0.0) { $0 + $1.0 / $1.1 } / count, coverage95: Double(within) / count)
  }
}

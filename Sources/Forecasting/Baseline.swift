/// Simple forecasts as benchmarks for a model (Hyndman & Athanasopoulos 2021, §5.2 and §5.5).
public enum Baseline: String, Sendable, CaseIterable {
  /// The last value; variance hσ².
  case naive
  /// The value one season earlier; variance σ² times the number of seasons begun.
  case seasonalNaive = "seasonal naive"
  /// The line from the first value through the last; variance h(1 + h/(n−1))σ².
  case drift

  /// Forecasts `horizon` steps ahead. Throws `tooShort`, or `constant` if the changes do not vary.
  public func forecast(_ series: TimeSeries, _ horizon: Int) throws(ForecastingError) -> [ForecastStep] {
    let y = series.values
    let lag = self == .seasonalNaive ? series.period : 1
    let n = y.count
    guard n >= lag + 3 else {
      throw ForecastingError(.tooShort, "\(n) values are too few for the \(rawValue) forecast", advice: "give at least \(lag + 3)")
    }
    let slope = self == .drift ? (y[n - 1] - y[0]) / Double(n - 1) : 0
    let squares = (lag..<n).reduce(0.0) { $0 + (y[$1] - y[$1 - lag] - slope) * (y[$1] - y[$1 - lag] - slope) }
    let variance = squares / Double(n - lag - (self == .drift ? 1 : 0))
    guard variance > 0 else { throw ForecastingError(.constant, "the series does not vary", advice: "no model is needed") }
    return (1...max(1, horizon)).map { h in
      let along = Double(h)
      let (mean, factor) =
        switch self {
        case .naive: (y[n - 1], along)
        case .seasonalNaive: (y[n - lag + (h - 1) % lag], Double((h - 1) / lag + 1))
        case .drift: (y[n - 1] + slope * along, along * (1 + along / Double(n - 1)))
        }
      return ForecastStep(step: h, mean: mean, standardError: (variance * factor).squareRoot())
    }
  }
}

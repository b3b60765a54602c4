import Support

/// A forecasting method, fitted again to the known values at each origin.
enum Forecaster: Sendable {
  case arima(ArimaOrder)
  /// Exponential smoothing; its form is also chosen again at each origin.
  case ets
  case baseline(Baseline)

  var name: String {
    switch self {
    case .arima: "ARIMA"
    case .ets: "ETS"
    case .baseline(let baseline): baseline.rawValue
    }
  }

  /// The length of the shortest series that can be forecast with a degree of freedom left.
  func shortest(period: Int) -> Int {
    switch self {
    case .arima(let order): order.observationsLost + order.parameters + 3
    case .ets: 6
    case .baseline(let baseline): (baseline == .seasonalNaive ? period : 1) + 3
    }
  }

  func forecast(_ series: TimeSeries, _ horizon: Int) throws(ForecastingError) -> [ForecastStep] {
    switch self {
    case .arima(let order): try Arima.fit(series, order: order, effort: .fast).forecast(horizon)
    case .ets: try Ets.choose(series).forecast(horizon)
    case .baseline(let baseline): try baseline.forecast(series, horizon)
    }
  }
}

/// Simple forecasts as benchmarks for a model (Hyndman & Athanasopoulos 2021, §5.2 and §5.5).
package enum Baseline: String, Sendable, CaseIterable {
  /// The last value; variance hσ².
  case naive
  /// The value one season earlier; variance σ² times the number of seasons begun.
  case seasonalNaive = "seasonal naive"
  /// The line from the first value through the last; variance h(1 + h/(n−1))σ².
  case drift

  /// Forecasts `horizon` steps ahead. Throws `tooShort`, or `constant` if the changes do not vary.
  package func forecast(_ series: TimeSeries, _ horizon: Int) throws(ForecastingError) -> [ForecastStep] {
    let y = series.values
    let lag = self == .seasonalNaive ? series.period : 1
    let n = y.count
    guard n >= lag + 3 else {
      throw ForecastingError(.tooShort, "the \(rawValue) forecast needs more than \(counted(n, "value"))", hint: "give at least \(lag + 3)")
    }
    let slope = self == .drift ? (y[n - 1] - y[0]) / Double(n - 1) : 0
    let squares = (lag..<n).reduce(0.0) { $0 + (y[$1] - y[$1 - lag] - slope) * (y[$1] - y[$1 - lag] - slope) }
    let variance = squares / Double(n - lag - (self == .drift ? 1 : 0))
    guard variance > 0 else { throw ForecastingError(.constant, "the series does not vary", hint: "no model is needed") }
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

/// One step of a forecast, with its 80 % and 95 % prediction intervals.
package struct ForecastStep: Sendable, Equatable {
  /// 1 is the step after the last value.
  package let step: Int
  /// The point forecast.
  package let mean: Double
  /// The standard error of the forecast, in the series' unit.
  package let standardError: Double

  /// Creates a step; the parameters are the properties above.
  package init(step: Int, mean: Double, standardError: Double) {
    self.step = step
    self.mean = mean
    self.standardError = standardError
  }

  /// Quantiles of the normal distribution at 0.9 and 0.975.
  static let z80 = 1.2815515655446004
  static let z95 = 1.959963984540054

  /// Lower bound of the 80 % interval.
  package var lower80: Double { mean - Self.z80 * standardError }
  /// Upper bound of the 80 % interval.
  package var upper80: Double { mean + Self.z80 * standardError }
  /// Lower bound of the 95 % interval.
  package var lower95: Double { mean - Self.z95 * standardError }
  /// Upper bound of the 95 % interval.
  package var upper95: Double { mean + Self.z95 * standardError }
}

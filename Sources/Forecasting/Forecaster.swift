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
    case .arima(let order): order.lost + order.parameters + 3
    case .ets: 6
    case .baseline(let baseline): (baseline == .seasonalNaive ? period : 1) + 3
    }
  }

  func forecast(_ series: TimeSeries, _ horizon: Int) throws(ForecastingError) -> [ForecastStep] {
    switch self {
    case .arima(let order): try Arima.fit(series, order: order, effort: .brisk).forecast(horizon)
    case .ets: try Ets.choose(series).forecast(horizon)
    case .baseline(let baseline): try baseline.forecast(series, horizon)
    }
  }
}

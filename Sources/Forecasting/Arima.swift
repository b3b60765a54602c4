import Glibc

/// A seasonal ARIMA model fitted to a series by exact maximum likelihood.
public struct Arima: Sendable {
  public let order: ArimaOrder
  public let coefficients: ArmaCoefficients
  /// Mean where nothing is differenced, drift a step where that was asked for; in the series' unit.
  public let constant: Double?
  /// Variance of the innovations, in the unit squared (maximum likelihood: divided by n, not n − k).
  public let sigma2: Double
  /// Log likelihood of what differencing leaves, in the series' unit; infinite for a series without noise.
  public let logLikelihood: Double
  /// Values that differencing leaves.
  public let n: Int
  /// Standardised innovations, in the series' unit.
  public let residuals: [Double]
  public let series: TimeSeries

  /// What forecasting goes on from, over the standardised differenced series.
  let endState: [Double]
  let endCovariance: [Double]
  let scale: Double
  /// The constant of the differenced series: mean or drift (times the season's length if that is the difference taken).
  let level: Double

  /// Akaike's criterion corrected for short series (Hurvich & Tsai 1989): −2 log L + 2k + 2k(k+1)/(n−k−1), where k counts coefficients,
  /// constant and sigma². Nil where n leaves no room for the correction.
  public var aicc: Double? {
    let k = Double(order.parameters)
    let room = Double(n) - k - 1
    return room > 0 && !isExact ? -2 * logLikelihood + 2 * k + 2 * k * (k + 1) / room : nil
  }

  /// Whether the series has no noise: the forecast is certain as far as the series can say, and its intervals have no width.
  public var isExact: Bool { sigma2 == 0 }

  /// Named as R and statsmodels name them: ar1, ma1, sar1, sma1, mean or drift.
  public var parameters: [(name: String, value: Double)] {
    func named(_ name: String, _ values: [Double]) -> [(name: String, value: Double)] {
      values.enumerated().map { ("\(name)\($0 + 1)", $1) }
    }
    let own = coefficients
    let terms = named("ar", own.ar) + named("ma", own.ma) + named("sar", own.seasonalAR) + named("sma", own.seasonalMA)
    guard let constant else { return terms }
    return terms + [(order.drift ? "drift" : "mean", constant)]
  }

  /// Ljung and Box's test of the residuals, at the lags `LjungBox.lags` states.
  public var ljungBox: LjungBox { LjungBox(residuals, fitted: order.coefficients, period: series.period) }
}

import Glibc

/// A seasonal ARIMA model fitted to a series by exact maximum likelihood.
public struct Arima: Sendable {
  /// The order of the model.
  public let order: ArimaOrder
  /// The fitted coefficients.
  public let coefficients: ArmaCoefficients
  /// The mean if the model takes no differences, or the drift per step if requested; in the series' unit.
  public let constant: Double?
  /// Variance of the innovations, in the unit squared (maximum likelihood: divided by n, not n − k).
  public let sigma2: Double
  /// Log likelihood of the differenced series, in the series' unit; infinite for a series without noise.
  public let logLikelihood: Double
  /// Number of values after differencing.
  public let n: Int
  /// Standardized innovations, in the series' unit.
  public let residuals: [Double]
  /// The series that the model was fitted to.
  public let series: TimeSeries

  /// The state from which forecasts start, for the standardized differenced series.
  let endState: [Double]
  let endCovariance: [Double]
  let scale: Double
  /// The constant of the differenced series: mean or drift (times the season's length for a seasonal difference).
  let level: Double

  /// Akaike's information criterion corrected for short series (Hurvich & Tsai 1989): −2 log L + 2k + 2k(k+1)/(n−k−1), where k counts coefficients,
  /// constant and sigma². Nil if n is too small for the correction.
  public var aicc: Double? {
    let k = Double(order.parameters)
    let room = Double(n) - k - 1
    return room > 0 && !isExact ? -2 * logLikelihood + 2 * k + 2 * k * (k + 1) / room : nil
  }

  /// True if the series has no noise: the forecast is then exact as far as the series shows, and its intervals have no width.
  public var isExact: Bool { sigma2 == 0 }

  /// The parameters, with the names of R and statsmodels: ar1, ma1, sar1, sma1, mean or drift.
  public var parameters: [(name: String, value: Double)] {
    func named(_ name: String, _ values: [Double]) -> [(name: String, value: Double)] {
      values.enumerated().map { ("\(name)\($0 + 1)", $1) }
    }
    let own = coefficients
    let terms = named("ar", own.ar) + named("ma", own.ma) + named("sar", own.seasonalAR) + named("sma", own.seasonalMA)
    guard let constant else { return terms }
    return terms + [(order.drift ? "drift" : "mean", constant)]
  }

  /// The Ljung–Box test of the residuals, at the lags of `LjungBox.lags`.
  public var ljungBox: LjungBox { LjungBox(residuals, fitted: order.coefficients, period: series.period) }
}

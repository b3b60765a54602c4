/// The Ljung–Box test for autocorrelation in residuals: Q = n(n+2) Σ ρₖ² / (n−k), χ² with lags − fitted degrees of freedom (Ljung & Box 1978,
/// Biometrika 65:297). A small p means that the model has not captured all of the pattern.
public struct LjungBox: Sendable, Equatable {
  /// Q.
  public let statistic: Double
  /// The number of autocorrelations in Q.
  public let lags: Int
  /// Degrees of freedom.
  public let degrees: Int
  /// The p-value; nil if the series is too short for a degree of freedom, or the residuals do not vary.
  public let p: Double?

  /// The default number of lags: the lesser of 10 (2 seasons) and a fifth of the series (Hyndman & Athanasopoulos 2021, §5.4), but at least three more than
  /// the fitted coefficients.
  public static func lags(count: Int, fitted: Int, period: Int) -> Int {
    min(max(min(period > 1 ? 2 * period : 10, count / 5), fitted + 3), count - 1)
  }

  /// Tests the residuals of a model with `fitted` coefficients, with the default number of lags.
  public init(_ residuals: [Double], fitted: Int, period: Int = 1) {
    self.init(residuals, fitted: fitted, lags: Self.lags(count: residuals.count, fitted: fitted, period: period))
  }

  /// Tests the residuals of a model with `fitted` coefficients, with `lags` autocorrelations.
  public init(_ residuals: [Double], fitted: Int, lags: Int) {
    let n = Double(residuals.count)
    let mean = residuals.reduce(0, +) / max(1, n)
    let centred = residuals.map { $0 - mean }
    let total = centred.reduce(0) { $0 + $1 * $1 }
    let usable = max(0, min(lags, residuals.count - 1))
    var sum = 0.0
    if total > 0 {
      for k in 1..<max(1, usable + 1) {
        var product = 0.0
        for t in k..<centred.count { product += centred[t] * centred[t - k] }
        sum += (product / total) * (product / total) / (n - Double(k))
      }
    }
    self.lags = usable
    degrees = usable - fitted
    statistic = n * (n + 2) * sum
    p = degrees > 0 && total > 0 ? ChiSquared.upperTail(statistic, degrees: degrees) : nil
  }
}

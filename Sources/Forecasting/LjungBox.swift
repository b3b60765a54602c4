/// Whether residuals still hold a pattern: Q = n(n+2) Σ ρₖ² / (n−k), χ² with lags − fitted degrees of freedom (Ljung & Box 1978,
/// Biometrika 65:297). A small p says that the model has left something in them.
public struct LjungBox: Sendable, Equatable {
  public let statistic: Double
  public let lags: Int
  public let degrees: Int
  /// Nil where the series is too short to leave a degree of freedom, or the residuals do not vary.
  public let p: Double?

  /// Lags: the lesser of 10 (2 seasons) and a fifth of the series (Hyndman & Athanasopoulos 2021, §5.4), but three more than were fitted.
  public static func lags(count: Int, fitted: Int, period: Int) -> Int {
    min(max(min(period > 1 ? 2 * period : 10, count / 5), fitted + 3), count - 1)
  }

  public init(_ residuals: [Double], fitted: Int, period: Int = 1) {
    self.init(residuals, fitted: fitted, lags: Self.lags(count: residuals.count, fitted: fitted, period: period))
  }

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

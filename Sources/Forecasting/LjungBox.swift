import Glibc

/// The Ljung–Box test for autocorrelation in residuals: Q = n(n+2) Σ ρₖ² / (n−k), χ² with lags − fitted degrees of freedom (Ljung & Box 1978,
/// Biometrika 65:297). A small p means that the model has not captured all of the pattern.
package struct LjungBox: Sendable, Equatable {
  /// Q.
  package let statistic: Double
  /// The number of autocorrelations in Q.
  package let lags: Int
  /// Degrees of freedom.
  package let degrees: Int
  /// The p-value; nil if the series is too short for a degree of freedom, or the residuals do not vary.
  package let p: Double?

  /// The default number of lags: the lesser of 10 (2 seasons) and a fifth of the series (Hyndman & Athanasopoulos 2021, §5.4), but at least three more than
  /// the fitted coefficients.
  package static func lags(count: Int, fitted: Int, period: Int) -> Int {
    min(max(min(period > 1 ? 2 * period : 10, count / 5), fitted + 3), count - 1)
  }

  /// Tests the residuals of a model with `fitted` coefficients, with the default number of lags.
  package init(_ residuals: [Double], fitted: Int, period: Int = 1) {
    self.init(residuals, fitted: fitted, lags: Self.lags(count: residuals.count, fitted: fitted, period: period))
  }

  /// Tests the residuals of a model with `fitted` coefficients, with `lags` autocorrelations.
  package init(_ residuals: [Double], fitted: Int, lags: Int) {
    let n = Double(residuals.count)
    let mean = residuals.reduce(0, +) / max(1, n)
    let centered = residuals.map { $0 - mean }
    let total = centered.reduce(0) { $0 + $1 * $1 }
    let usable = max(0, min(lags, residuals.count - 1))
    var sum = 0.0
    if total > 0 {
      for k in 1..<max(1, usable + 1) {
        var product = 0.0
        for t in k..<centered.count { product += centered[t] * centered[t - k] }
        sum += (product / total) * (product / total) / (n - Double(k))
      }
    }
    self.lags = usable
    degrees = usable - fitted
    statistic = n * (n + 2) * sum
    p = degrees > 0 && total > 0 ? ChiSquared.upperTail(statistic, degrees: degrees) : nil
  }
}

/// Tails of the χ² distribution.
enum ChiSquared {
  /// P(X > x) with `degrees` of freedom: the regularized incomplete gamma function Q(k/2, x/2), by its series below k/2 + 1 and by
  /// Legendre's continued fraction, evaluated by Lentz's method, above (Abramowitz & Stegun 1964, 6.5.29 and 6.5.31).
  static func upperTail(_ x: Double, degrees: Int) -> Double {
    guard x > 0, degrees > 0 else { return 1 }
    let (a, z) = (Double(degrees) / 2, x / 2)
    let front = exp(a * log(z) - z - lgamma(a).0)
    if z < a + 1 {
      var (term, sum, n) = (1 / a, 1 / a, a)
      for _ in 0..<1000 {
        n += 1
        term *= z / n
        sum += term
        if term < sum * 1e-16 { break }
      }
      return max(0, 1 - sum * front)
    }
    var b = z + 1 - a
    var c = 1e300
    var d = 1 / b
    var fraction = d
    for i in 1..<1000 {
      let term = -Double(i) * (Double(i) - a)
      b += 2
      d = 1 / (term * d + b)
      c = b + term / c
      let change = d * c
      fraction *= change
      if (change - 1).magnitude < 1e-15 { break }
    }
    return min(1, fraction * front)
  }
}

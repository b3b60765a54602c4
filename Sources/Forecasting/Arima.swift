import Glibc
import Support

/// A seasonal ARIMA model fitted to a series by exact maximum likelihood.
package struct Arima: Sendable {
  /// The order of the model.
  package let order: ArimaOrder
  /// The fitted coefficients.
  package let coefficients: ArmaCoefficients
  /// The mean if the model takes no differences, or the drift per step if requested; in the series' unit.
  package let constant: Double?
  /// Variance of the innovations, in the unit squared (maximum likelihood: divided by n, not n − k).
  package let sigma2: Double
  /// Log likelihood of the differenced series, in the series' unit; infinite for a series without noise.
  package let logLikelihood: Double
  /// Number of values after differencing.
  package let n: Int
  /// Standardized innovations, in the series' unit.
  package let residuals: [Double]
  /// The series that the model was fitted to.
  package let series: TimeSeries

  /// The state from which forecasts start, for the standardized differenced series.
  let endState: [Double]
  let endCovariance: [Double]
  let scale: Double
  /// The constant of the differenced series: mean or drift (times the season's length for a seasonal difference).
  let level: Double

  /// Akaike's information criterion corrected for short series (Hurvich & Tsai 1989): −2 log L + 2k + 2k(k+1)/(n−k−1), where k counts coefficients,
  /// constant and sigma². Nil if n is too small for the correction.
  package var aicc: Double? {
    let k = Double(order.parameters)
    let room = Double(n) - k - 1
    return room > 0 && !isExact ? -2 * logLikelihood + 2 * k + 2 * k * (k + 1) / room : nil
  }

  /// True if the series has no noise: the forecast is then exact as far as the series shows, and its intervals have no width.
  package var isExact: Bool { sigma2 == 0 }

  /// The parameters, with the names of R and statsmodels: ar1, ma1, sar1, sma1, mean or drift.
  package var parameters: [(name: String, value: Double)] {
    func named(_ name: String, _ values: [Double]) -> [(name: String, value: Double)] {
      values.enumerated().map { ("\(name)\($0 + 1)", $1) }
    }
    let own = coefficients
    let terms = named("ar", own.ar) + named("ma", own.ma) + named("sar", own.seasonalAR) + named("sma", own.seasonalMA)
    guard let constant else { return terms }
    return terms + [(order.drift ? "drift" : "mean", constant)]
  }

  /// The Ljung–Box test of the residuals, at the lags of `LjungBox.lags`.
  package var ljungBox: LjungBox { LjungBox(residuals, fitted: order.coefficients, period: series.period) }
}

extension Arima {
  /// Fits the model by exact maximum likelihood.
  ///
  /// The differenced series is standardized first, so that the fit does not depend on its unit. Throws `tooShort`, `constant` or `noFit`.
  package static func fit(_ series: TimeSeries, order: ArimaOrder) throws(ForecastingError) -> Arima {
    try fit(series, order: order, effort: .thorough)
  }

  static func fit(_ series: TimeSeries, order: ArimaOrder, effort: Minimizer.Effort) throws(ForecastingError) -> Arima {
    let differenced = try standardize(series, order: order)
    var filter = ArmaFilter(differenced.values, hasMean: order.hasConstant)
    let found = Minimizer.minimize(order.coefficients, reach: 1.8, effort: effort) { free in
      let tried = ArmaCoefficients(unconstrained: free, order: order)
      return filter.run(ar: tried.expandedAR(period: order.period), ma: tried.expandedMA(period: order.period))
    }
    let coefficients = ArmaCoefficients(unconstrained: found.point, order: order)
    let value = filter.run(
      ar: coefficients.expandedAR(period: order.period), ma: coefficients.expandedMA(period: order.period), keeping: true)
    guard value.isFinite else {
      throw ForecastingError(.noFit, "ARIMA\(order) has no finite likelihood on this series", hint: "take a smaller order")
    }
    let n = Double(differenced.values.count)
    let level = differenced.center + differenced.scale * filter.mean
    return Arima(
      order: order, coefficients: coefficients,
      constant: order.hasConstant ? level / (order.d == 0 && order.drift ? Double(order.period) : 1) : nil,
      sigma2: filter.sigma2 * differenced.scale * differenced.scale,
      logLikelihood: -n * (value + 0.5 * (log(2 * .pi) + 1) + log(differenced.scale)),
      n: differenced.values.count, residuals: filter.residuals.map { $0 * differenced.scale }, series: series,
      endState: filter.state, endCovariance: filter.covariance, scale: differenced.scale, level: order.hasConstant ? level : 0)
  }

  private struct Standardized { let values: [Double], center: Double, scale: Double }

  private static func standardize(_ series: TimeSeries, order: ArimaOrder) throws(ForecastingError) -> Standardized {
    let left = series.count - order.observationsLost
    guard left >= order.parameters + 1 else {
      throw ForecastingError(
        .tooShort,
        "ARIMA\(order) estimates \(counted(order.parameters, "number")), and differencing leaves \(max(0, left)) of \(counted(series.count, "value"))",
        hint: "give at least \(order.observationsLost + order.parameters + 1) values, or take a smaller order")
    }
    let largest = series.values.reduce(0) { max($0, $1.magnitude) }
    let differenced = LagPolynomial.apply(LagPolynomial.differencing(order), to: series.values)
    let mean = differenced.reduce(0, +) / Double(left)
    // Differencing a straight line leaves only the rounding errors of its values. That also holds without a constant: a line has no noise to estimate.
    guard differenced.contains(where: { ($0 - mean).magnitude > largest * 1e-13 }) else {
      throw ForecastingError(
        .constant, "the series is constant after the differencing of ARIMA\(order): it has no noise to estimate",
        hint: "no model is needed: the forecast continues it exactly")
    }
    let center = order.hasConstant ? mean : 0
    let values = differenced.map { $0 - center }
    let scale = (values.reduce(0) { $0 + $1 * $1 } / Double(left)).squareRoot()
    return Standardized(values: values.map { $0 / scale }, center: center, scale: scale)
  }

  /// The model of a series without noise: constant, on a straight line, with a repeating season, or a combination of these, and curves whose second
  /// differences are constant. Nil for any other series, and for one that is too short.
  ///
  /// It takes the fewest differences after which the series is constant; sigma² is 0, and the forecast continues the series exactly.
  static func exact(_ series: TimeSeries) -> Arima? {
    for seasonal in series.period > 1 ? [0, 1] : [0] {
      for d in 0...2 {
        let plain = ArimaOrder(checked: (0, d, 0), seasonal: .init(0, seasonal, 0), period: series.period)
        // Any two values lie on a line, any three on a parabola, and a single season always repeats itself: more values are needed.
        let left = series.count - plain.observationsLost
        guard left >= max(2 + max(1, d + seasonal), seasonal * series.period) else { continue }
        let differenced = LagPolynomial.apply(LagPolynomial.differencing(plain), to: series.values)
        guard let level = level(of: differenced, in: series) else { continue }
        let rises = plain.differences == 1 && level != 0
        let order = ArimaOrder(checked: (0, d, 0), seasonal: plain.seasonal, period: series.period, drift: rises)
        return Arima(
          order: order, coefficients: ArmaCoefficients(unconstrained: [], order: order),
          constant: order.hasConstant ? level / (d == 0 && rises ? Double(order.period) : 1) : nil, sigma2: 0, logLikelihood: .infinity,
          n: left, residuals: [Double](repeating: 0, count: left), series: series, endState: [0], endCovariance: [0], scale: 1, level: level
        )
      }
    }
    return nil
  }

  /// The common value of all, apart from rounding errors of the series' values; nil if they vary.
  private static func level(of differenced: [Double], in series: TimeSeries) -> Double? {
    let largest = series.values.reduce(0) { max($0, $1.magnitude) }
    let mean = differenced.reduce(0, +) / Double(max(1, differenced.count))
    guard differenced.allSatisfy({ ($0 - mean).magnitude <= largest * 1e-13 }) else { return nil }
    if let first = differenced.first, differenced.allSatisfy({ $0 == first }) { return first }
    return mean.magnitude <= largest * 1e-13 ? 0 : mean
  }
}

extension Arima {
  /// Forecasts `horizon` steps ahead, with the exact variances of the fitted model (its parameters are taken as known, as in R and statsmodels).
  ///
  /// The error of step h is v·(state error) + Σ ψⱼ εₙ₊ₕ₋ⱼ, where v sums the effect of the state through the differencing, and ψ are the weights of the
  /// full, integrated model (Box & Jenkins 1970, §5.1). Throws `unsupported` for a horizon outside 1…1000, and `outOfRange` if the forecast overflows.
  package func forecast(_ horizon: Int) throws(ForecastingError) -> [ForecastStep] {
    guard (1...1000).contains(horizon) else {
      throw ForecastingError(.unsupported, "a horizon of \(horizon) is not supported", hint: "give 1 to 1000 steps")
    }
    let n = endState.count
    let ar = padded(coefficients.expandedAR(period: order.period), n)
    let differencing = LagPolynomial.differencing(order)
    let summing = LagPolynomial.inverse(differencing, count: horizon)
    let psi = wholePsi(horizon, summing: summing)

    var state = endState
    var known = series.values
    var loads: [[Double]] = []
    var load = [Double](repeating: 0, count: n)
    load[0] = 1
    var steps: [ForecastStep] = []
    var noise = 0.0
    for h in 1...horizon {
      let differenced = level + scale * state[0]
      var mean = differenced
      for j in 1..<max(1, differencing.count) { mean -= differencing[j] * known[known.count - j] }
      known.append(mean)

      loads.append(load)
      var v = [Double](repeating: 0, count: n)
      for k in 1...h { for i in 0..<n { v[i] += summing[h - k] * loads[k - 1][i] } }
      if h > 1 { noise += psi[h - 2] * psi[h - 2] * sigma2 }
      let variance = quadratic(v) * sigma2 + noise
      steps.append(ForecastStep(step: h, mean: mean, standardError: max(0, variance).squareRoot()))

      let first = state[0]
      for i in 0..<n { state[i] = ar[i] * first + (i + 1 < n ? state[i + 1] : 0) }
      // load ← load T, for the companion matrix T.
      var next = [Double](repeating: 0, count: n)
      for i in 0..<n {
        next[0] += load[i] * ar[i]
        if i + 1 < n { next[i + 1] = load[i] }
      }
      load = next
    }
    guard steps.allSatisfy({ $0.mean.isFinite && $0.standardError.isFinite }) else {
      throw ForecastingError(.outOfRange, "the forecast leaves the range of a Double", hint: "give the series in a larger unit")
    }
    return steps
  }

  /// ψ weights of the full model, including its differences.
  private func wholePsi(_ count: Int, summing: [Double]) -> [Double] {
    let length = max(count, endState.count)
    let own = StationaryCovariance.psiWeights(
      ar: padded(coefficients.expandedAR(period: order.period), length),
      r: padded([1] + coefficients.expandedMA(period: order.period), length))
    return (0..<count).map { i in (0...i).reduce(0.0) { $0 + own[$1] * summing[i - $1] } }
  }

  private func padded(_ values: [Double], _ count: Int) -> [Double] {
    values + [Double](repeating: 0, count: max(0, count - values.count))
  }

  /// vᵀ P v; the filter keeps the upper half of P.
  private func quadratic(_ v: [Double]) -> Double {
    let n = v.count
    var sum = 0.0
    for i in 0..<n {
      sum += v[i] * v[i] * endCovariance[i * n + i]
      for j in (i + 1)..<max(i + 1, n) { sum += 2 * v[i] * v[j] * endCovariance[i * n + j] }
    }
    return sum
  }
}

/// The order of a seasonal ARIMA model, (p,d,q)(P,D,Q)s, and whether it has a drift in addition.
///
/// φ(B) Φ(Bˢ) ((1−B)ᵈ (1−Bˢ)ᴰ yₜ − c) = θ(B) Θ(Bˢ) εₜ (Box & Jenkins 1970), with φ(B) = 1 − φ₁B − …, θ(B) = 1 + θ₁B + ….
package struct ArimaOrder: Sendable, Hashable, CustomStringConvertible {
  /// Autoregressive terms.
  package let p: Int
  /// Differences.
  package let d: Int
  /// Moving average terms.
  package let q: Int
  /// The seasonal terms.
  package let seasonal: Seasonal
  /// The length of the season; 1 if the model has none.
  package let period: Int
  /// True if the once differenced series has a constant, which is the slope of the forecasts.
  package let drift: Bool

  /// The seasonal terms (P,D,Q).
  package struct Seasonal: Sendable, Hashable {
    /// Seasonal autoregressive terms.
    package let p: Int
    /// Seasonal differences.
    package let d: Int
    /// Seasonal moving average terms.
    package let q: Int
    /// Creates (P,D,Q).
    package init(_ p: Int, _ d: Int, _ q: Int) {
      self.p = p
      self.d = d
      self.q = q
    }
    /// No seasonal terms.
    package static let none = Seasonal(0, 0, 0)
  }

  static let maxTerm = 12
  static let maxDifference = 3
  static let maxState = 400

  /// Throws `unsupported` for negative or very large terms, for seasonal terms without a period, and for drift unless exactly one difference is taken.
  package init(
    _ p: Int, _ d: Int, _ q: Int, seasonal: Seasonal = .none, period: Int = 1, drift: Bool = false
  ) throws(ForecastingError) {
    self.init(checked: (p, d, q), seasonal: seasonal, period: period, drift: drift)
    let terms = [p, q, seasonal.p, seasonal.q]
    guard terms.allSatisfy({ (0...Self.maxTerm).contains($0) }), d >= 0, seasonal.d >= 0, d + seasonal.d <= Self.maxDifference
    else {
      throw Self.refusal(
        "the order \(self) is not supported",
        "give terms of 0 to \(Self.maxTerm), and at most \(Self.maxDifference) differences in all")
    }
    guard period >= 1, period <= TimeSeries.maxPeriod, period > 1 || seasonal == .none else {
      throw Self.refusal("seasonal terms need a period above 1, not \(period)", "give the series' period: 4 for quarters, 12 for months")
    }
    guard !drift || differences == 1 else {
      throw Self.refusal(
        "drift is a constant in the once differenced series, and \(self) takes \(differences) differences",
        differences == 0 ? "leave drift out: a model without differences has a mean" : "leave drift out, or take one difference less")
    }
    guard max(arLength, maLength + 1) <= Self.maxState else {
      throw Self.refusal("the order \(self) reaches \(max(arLength, maLength)) periods back", "take fewer seasonal terms")
    }
  }

  /// For orders that are valid by construction.
  init(checked order: (Int, Int, Int), seasonal: Seasonal = .none, period: Int = 1, drift: Bool = false) {
    (p, d, q) = order
    self.seasonal = seasonal
    self.period = seasonal == .none ? 1 : period
    self.drift = drift
  }

  /// Ordinary and seasonal differences together.
  package var differences: Int { d + seasonal.d }
  /// Values that differencing removes from the start of the series.
  package var observationsLost: Int { d + seasonal.d * period }
  /// True if the model has a mean (no differences) or a drift.
  package var hasConstant: Bool { drift || differences == 0 }
  /// Coefficients in the search for the maximum likelihood (constant and sigma² are concentrated out).
  var coefficients: Int { p + q + seasonal.p + seasonal.q }
  /// The number of estimated parameters: coefficients, constant and sigma².
  package var parameters: Int { coefficients + (hasConstant ? 1 : 0) + 1 }
  var arLength: Int { p + seasonal.p * period }
  var maLength: Int { q + seasonal.q * period }

  /// For example `(0,1,1)(0,1,1)4 with drift`.
  package var description: String {
    let season = seasonal == .none ? "" : "(\(seasonal.p),\(seasonal.d),\(seasonal.q))\(period)"
    return "(\(p),\(d),\(q))\(season)\(drift ? " with drift" : "")"
  }

  private static func refusal(_ message: String, _ hint: String) -> ForecastingError {
    ForecastingError(.unsupported, message, hint: hint)
  }
}

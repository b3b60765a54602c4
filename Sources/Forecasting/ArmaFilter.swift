import Glibc

/// The Kalman filter of a stationary ARMA in Harvey's state space form (Harvey 1989, §3.3; Gardner et al. 1980), with sigma² and the
/// mean concentrated out of the likelihood: given the coefficients, both have a closed form.
///
/// Since an observation is a state itself, its update sets the first row of the covariance to zero, and a prediction step is a shift:
/// P′ᵢⱼ = Pᵢ₊₁ⱼ₊₁ − Pᵢ₊₁₀ Pⱼ₊₁₀ / F + RᵢRⱼ. When P has converged to R Rᵀ the filter is steady, and only the state changes.
struct ArmaFilter {
  /// The differenced series, standardized.
  let observations: [Double]
  let hasMean: Bool

  private var phi: [Double] = []
  private var r: [Double] = []
  private(set) var state: [Double] = []
  private var unitState: [Double] = []
  private(set) var covariance: [Double] = []
  private var column: [Double] = []
  /// Results of the last run, for the standardized series.
  private(set) var mean = 0.0
  private(set) var sigma2 = 0.0
  private(set) var sumLogF = 0.0
  private(set) var residuals: [Double] = []

  /// Below this distance (a trace) from R Rᵀ the filter is steady: a millionth of a visible effect on the likelihood.
  private static let steady = 1e-14

  init(_ observations: [Double], hasMean: Bool) {
    self.observations = observations
    self.hasMean = hasMean
  }

  /// −log likelihood / n without constants; infinite if there is no finite likelihood. `keeping` stores the standardized residuals.
  mutating func run(ar: [Double], ma: [Double], keeping: Bool = false) -> Double {
    guard start(ar: ar, ma: ma) else { return .infinity }
    let n = state.count
    var (own, cross, unit) = (0.0, 0.0, 0.0)
    var errors: [(value: Double, unit: Double, f: Double)] = []
    var isSteady = false
    sumLogF = 0
    for y in observations {
      let f = isSteady ? 1 : covariance[0]
      guard f > 0, f.isFinite else { return .infinity }
      let error = y - state[0]
      own += error * error / f
      if !isSteady {
        sumLogF += log(f)
        for i in 0..<n { column[i] = covariance[i] / f }
        column[0] = 1
      }
      if hasMean {
        let unitError = 1 - unitState[0]
        cross += error * unitError / f
        unit += unitError * unitError / f
        if keeping { errors.append((error, unitError, f)) }
        Self.advance(&unitState, ar: phi, gain: column, observed: 1, error: unitError)
      } else if keeping {
        errors.append((error, 0, f))
      }
      Self.advance(&state, ar: phi, gain: column, observed: y, error: error)
      if !isSteady { isSteady = predictCovariance(f) }
    }
    mean = hasMean && unit > 0 ? cross / unit : 0
    let count = Double(observations.count)
    sigma2 = (own - mean * cross) / count
    if keeping {
      residuals = errors.map { ($0.value - mean * $0.unit) / $0.f.squareRoot() }
      // The concentrated sum suffers from cancellation if the mean explains nearly everything; the sum over the residuals does not.
      sigma2 = residuals.reduce(0) { $0 + $1 * $1 } / count
      if hasMean { for i in 0..<n { state[i] -= mean * unitState[i] } }
    }
    guard sigma2 > 1e-28, sigma2.isFinite else { return .infinity }
    return 0.5 * (log(sigma2) + sumLogF / count)
  }

  private mutating func start(ar given: [Double], ma: [Double]) -> Bool {
    let n = max(given.count, ma.count + 1)
    if state.count != n {
      covariance = [Double](repeating: 0, count: n * n)
      column = [Double](repeating: 0, count: n)
      phi = column
      r = column
    }
    for i in 0..<n {
      phi[i] = i < given.count ? given[i] : 0
      r[i] = i == 0 ? 1 : i <= ma.count ? ma[i - 1] : 0
    }
    state = [Double](repeating: 0, count: n)
    if hasMean { unitState = state }
    return StationaryCovariance.solve(ar: phi, r: r, into: &covariance)
  }

  private static func advance(_ state: inout [Double], ar: [Double], gain: [Double], observed: Double, error: Double) {
    let n = state.count
    for i in 0..<(n - 1) { state[i] = ar[i] * observed + state[i + 1] + gain[i + 1] * error }
    state[n - 1] = ar[n - 1] * observed
  }

  /// Predicts the covariance. Returns true when its excess over R Rᵀ is negligible.
  private mutating func predictCovariance(_ f: Double) -> Bool {
    let n = r.count
    var excess = 0.0
    for i in 0..<n {
      for j in i..<n {
        let left = j + 1 < n ? covariance[(i + 1) * n + j + 1] - column[i + 1] * column[j + 1] * f : 0
        if i == j { excess += left }
        covariance[i * n + j] = left + r[i] * r[j]
      }
    }
    guard excess < Self.steady else { return false }
    for i in 0..<n {
      column[i] = r[i]
      for j in i..<n { covariance[i * n + j] = r[i] * r[j] }
    }
    return true
  }
}

/// The four groups of coefficients of a seasonal ARMA, and their products.
package struct ArmaCoefficients: Sendable, Equatable {
  /// Autoregressive coefficients φ₁ ….
  package var ar: [Double] = []
  /// Moving average coefficients θ₁ ….
  package var ma: [Double] = []
  /// Seasonal autoregressive coefficients Φ₁ ….
  package var seasonalAR: [Double] = []
  /// Seasonal moving average coefficients Θ₁ ….
  package var seasonalMA: [Double] = []

  /// Transforms unbounded numbers, so that a search is unconstrained: every result is stationary and invertible.
  init(unconstrained: [Double], order: ArimaOrder) {
    var next = 0
    func take(_ count: Int) -> [Double] {
      defer { next += count }
      return count == 0 ? [] : LagPolynomial.stationary(unconstrained[next..<(next + count)])
    }
    ar = take(order.p)
    ma = take(order.q).map(-)
    seasonalAR = take(order.seasonal.p)
    seasonalMA = take(order.seasonal.q).map(-)
  }

  /// True if every root is more than `margin` away from the unit circle, in the lags of its own polynomial. A fit at the boundary is an artifact of the
  /// transformation and has no predictive value.
  func isInterior(margin: Double) -> Bool {
    [ar, ma.map(-), seasonalAR, seasonalMA.map(-)].allSatisfy { group in
      var scaled = group
      var power = 1.0
      for i in scaled.indices {
        power *= 1 + margin
        scaled[i] *= power
      }
      return LagPolynomial.isStationary(scaled)
    }
  }

  /// φ₁ … of the full autoregression φ(B)Φ(Bˢ) = 1 − φ₁B − ….
  func expandedAR(period: Int) -> [Double] {
    if seasonalAR.isEmpty { return ar }
    let product = LagPolynomial.product(LagPolynomial.of(ar, sign: -1), LagPolynomial.of(seasonalAR, sign: -1, step: period))
    return product.dropFirst().map(-)
  }

  /// θ₁ … of the full moving average θ(B)Θ(Bˢ) = 1 + θ₁B + ….
  func expandedMA(period: Int) -> [Double] {
    if seasonalMA.isEmpty { return ma }
    return Array(
      LagPolynomial.product(LagPolynomial.of(ma, sign: 1), LagPolynomial.of(seasonalMA, sign: 1, step: period)).dropFirst())
  }
}

/// The covariance of an ARMA's state before the first observation, divided by sigma²; it makes the likelihood exact (Gardner, Harvey &
/// Phillips 1980, Applied Statistics 29:311; Durbin & Koopman 2012, §5.6.2).
///
/// It solves P = T P Tᵀ + R Rᵀ. T is a companion matrix, so P follows from its first row, and that row from the autocovariances of the process: O(r²) and
/// one system of p + 1 equations, instead of one of r(r+1)/2 as in Gardner's algorithm.
enum StationaryCovariance {
  /// `ar` and `r` (1, θ₁, …) have the state's length. Nil at a unit root.
  static func solve(ar: [Double], r: [Double], into P: inout [Double]) -> Bool {
    let n = r.count
    guard let gamma = autocovariances(ar: ar, r: r) else { return false }
    let psi = psiWeights(ar: ar, r: r)
    for j in 0..<n {
      var sum = 0.0
      if j == 0 {
        sum = gamma[0]
      } else {
        for k in 0..<(n - j) { sum += ar[j + k] * gamma[k + 1] + r[j + k] * psi[k] }
      }
      P[j] = sum
      P[j * n] = sum
    }
    for i in stride(from: n - 1, through: 1, by: -1) {
      for j in stride(from: n - 1, through: i, by: -1) {
        var value = ar[i] * ar[j] * P[0] + r[i] * r[j]
        if j + 1 < n {
          value += ar[i] * P[j + 1] + P[(i + 1) * n + j + 1]
        }
        if i + 1 < n { value += ar[j] * P[i + 1] }
        P[i * n + j] = value
        P[j * n + i] = value
      }
    }
    return P[0].isFinite && P[0] > 0
  }

  static func psiWeights(ar: [Double], r: [Double]) -> [Double] {
    var psi = r
    for i in psi.indices {
      for j in 0..<i { psi[i] += ar[j] * psi[i - 1 - j] }
    }
    return psi
  }

  /// γ₀ … γₙ of the process divided by sigma² (Brockwell & Davis 1991, §3.3): γₖ − Σ φᵢ γ|ₖ₋ᵢ| = Σ θⱼ ψⱼ₋ₖ.
  static func autocovariances(ar: [Double], r: [Double]) -> [Double]? {
    let n = r.count
    let p = (ar.lastIndex { $0 != 0 } ?? -1) + 1
    let psi = psiWeights(ar: ar, r: r)
    func right(_ k: Int) -> Double {
      var sum = 0.0
      for j in k..<max(k, n) { sum += r[j] * psi[j - k] }
      return sum
    }
    var gamma = [Double](repeating: 0, count: n + 1)
    var system = [Double](repeating: 0, count: (p + 1) * (p + 1))
    var side = [Double](repeating: 0, count: p + 1)
    for k in 0...p {
      system[k * (p + 1) + k] += 1
      for i in 0..<p { system[k * (p + 1) + abs(k - 1 - i)] -= ar[i] }
      side[k] = right(k)
    }
    guard LinearSystem.solve(&system, &side) else { return nil }
    for k in 0...p { gamma[k] = side[k] }
    if p < n {
      for k in (p + 1)...n {
        var sum = right(k)
        for i in 0..<p { sum += ar[i] * gamma[k - 1 - i] }
        gamma[k] = sum
      }
    }
    return gamma[0].isFinite && gamma[0] > 0 ? gamma : nil
  }
}

/// Polynomials in the lag operator B, as the coefficients of B⁰, B¹, ….
enum LagPolynomial {
  static func product(_ a: [Double], _ b: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: a.count + b.count - 1)
    for (i, x) in a.enumerated() where x != 0 {
      for (j, y) in b.enumerated() { result[i + j] += x * y }
    }
    return result
  }

  /// 1 + sign·(c₁Bˢ + c₂B²ˢ + …).
  static func of(_ coefficients: [Double], sign: Double, step: Int = 1) -> [Double] {
    var result = [Double](repeating: 0, count: coefficients.count * step + 1)
    result[0] = 1
    for (i, c) in coefficients.enumerated() { result[(i + 1) * step] = sign * c }
    return result
  }

  /// (1−B)ᵈ (1−Bˢ)ᴰ.
  static func differencing(_ order: ArimaOrder) -> [Double] {
    var result = [1.0]
    for _ in 0..<order.d { result = product(result, of([1], sign: -1)) }
    for _ in 0..<order.seasonal.d { result = product(result, of([1], sign: -1, step: order.period)) }
    return result
  }

  /// The first `count` coefficients of 1 / polynomial (whose B⁰ is 1).
  static func inverse(_ polynomial: [Double], count: Int) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    for i in 0..<count {
      var sum = i == 0 ? 1.0 : 0.0
      for j in 1..<max(1, min(i + 1, polynomial.count)) { sum -= polynomial[j] * result[i - j] }
      result[i] = sum
    }
    return result
  }

  /// Σⱼ polynomialⱼ xₜ₋ⱼ for every t that has all its lags.
  static func apply(_ polynomial: [Double], to x: [Double]) -> [Double] {
    let lost = polynomial.count - 1
    guard x.count > lost else { return [] }
    return (lost..<x.count).map { t in
      var sum = 0.0
      for j in 0...lost where polynomial[j] != 0 { sum += polynomial[j] * x[t - j] }
      return sum
    }
  }

  /// The Durbin–Levinson recursion backwards: stationary if every partial autocorrelation is in (−1, 1).
  static func isStationary(_ coefficients: [Double]) -> Bool {
    var left = coefficients
    while let partial = left.popLast() {
      guard partial.magnitude < 1 else { return false }
      let n = left.count
      let before = left
      for j in 0..<n { left[j] = (before[j] + partial * before[n - 1 - j]) / (1 - partial * partial) }
    }
    return true
  }

  /// Maps any numbers to the coefficients of a stationary autoregression: tanh gives partial autocorrelations in (−1, 1) (Jones 1980,
  /// Technometrics 22:389), which the Durbin–Levinson recursion converts to coefficients (Monahan 1984, Biometrika 71:403).
  static func stationary(_ free: ArraySlice<Double>) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(free.count)
    for value in free {
      let partial = tanh(value)
      let before = result
      for j in before.indices { result[j] = before[j] - partial * before[before.count - 1 - j] }
      result.append(partial)
    }
    return result
  }
}

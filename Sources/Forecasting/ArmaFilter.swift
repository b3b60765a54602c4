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

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

import Glibc

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

import Glibc

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

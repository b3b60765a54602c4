/// The four groups of coefficients of a seasonal ARMA, and their products.
public struct ArmaCoefficients: Sendable, Equatable {
  /// Autoregressive coefficients φ₁ ….
  public var ar: [Double] = []
  /// Moving average coefficients θ₁ ….
  public var ma: [Double] = []
  /// Seasonal autoregressive coefficients Φ₁ ….
  public var seasonalAR: [Double] = []
  /// Seasonal moving average coefficients Θ₁ ….
  public var seasonalMA: [Double] = []

  /// Transforms unbounded numbers, so that a search is unconstrained: every result is stationary and invertible.
  init(free: [Double], order: ArimaOrder) {
    var next = 0
    func take(_ count: Int) -> [Double] {
      defer { next += count }
      return count == 0 ? [] : LagPolynomial.stationary(free[next..<(next + count)])
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

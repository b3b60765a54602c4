import Testing

@testable import Forecasting

@Suite("Lag polynomials")
struct LagPolynomialTests {
  @Test func `have the expanded coefficients of (1−B)² and (1−B)(1−B⁴)`() throws {
    #expect(LagPolynomial.differencing(try ArimaOrder(0, 2, 0)) == [1, -2, 1])
    #expect(LagPolynomial.differencing(try ArimaOrder(0, 1, 0, seasonal: .init(0, 1, 0), period: 4)) == [1, -1, 0, 0, -1, 1])
    #expect(LagPolynomial.apply([1, -2, 1], to: [1, 4, 9, 16, 25]) == [2, 2, 2])
    #expect(LagPolynomial.apply([1, -1], to: [3]) == [])
  }

  @Test func `have an inverse`() {
    #expect(LagPolynomial.inverse([1, -1], count: 4) == [1, 1, 1, 1])
    let product = LagPolynomial.product([1, -0.5, 0.3], LagPolynomial.inverse([1, -0.5, 0.3], count: 12)).prefix(12)
    for (i, x) in product.enumerated() { #expect(abs(x - (i == 0 ? 1 : 0)) < 1e-12) }
  }

  @Test(
    arguments: [[0.0], [3, -3], [1, 2, 3], [-2, 2, -2, 2]])
  func `are stationary for any numbers, and non-stationary ones are recognized`(_ free: [Double]) {
    let coefficients = LagPolynomial.stationary(free[...])
    #expect(coefficients.count == free.count)
    #expect(LagPolynomial.isStationary(coefficients.map { $0 * 0.9999 }))
  }

  @Test func `at and beyond the unit circle are not stationary`() {
    for coefficients in [[1.0], [1.01], [1.5, -0.5], [0.5, 0.6], [0, -1]] { #expect(!LagPolynomial.isStationary(coefficients)) }
    #expect(LagPolynomial.isStationary([1.2, -0.9]))
  }

  @Test func `expand seasonal terms`() throws {
    var coefficients = ArmaCoefficients(unconstrained: [], order: try ArimaOrder(0, 0, 0))
    (coefficients.ar, coefficients.seasonalAR) = ([0.5], [0.4])
    (coefficients.ma, coefficients.seasonalMA) = ([-0.4], [-0.6])
    #expect(coefficients.expandedAR(period: 3) == [0.5, 0, 0.4, -0.2])
    #expect(coefficients.expandedMA(period: 2) == [-0.4, -0.6, 0.24])
  }
}

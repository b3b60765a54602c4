import Foundation
import Testing

@testable import Forecasting

/// Compares the filter with the definition: the density of a normal vector with the covariance matrix of the process.
@Suite("The Kalman filter")
struct ArmaFilterTests {
  static let models: [(ar: [Double], ma: [Double])] = [
    ([], []), ([0.7], []), ([], [0.6]), ([], [-1]), ([0.97], [-0.53]), ([0.5, -0.3], [0.4, 0.2, -0.1]),
    ([0, 0, 0, 0.6], [0.3, 0, 0, -0.5, -0.15]),
    ([1.2, -0.9], []),
  ]
  static let values = [0.3, -1.2, 0.8, 1.9, 0.4, -0.6, -1.1, 0.2, 0.9, 1.4, -0.3, 0.1, -0.8, 0.5]

  /// γₖ of the process from its ψ weights, far beyond the point where they vanish.
  private func autocovariances(_ ar: [Double], _ ma: [Double], _ count: Int) -> [Double] {
    let length = 3000
    var psi = [Double](repeating: 0, count: length)
    for i in 0..<length {
      psi[i] = i == 0 ? 1 : i <= ma.count ? ma[i - 1] : 0
      for j in 0..<min(i, ar.count) { psi[i] += ar[j] * psi[i - 1 - j] }
    }
    return (0..<count).map { lag in (0..<(length - lag)).reduce(0) { $0 + psi[$1] * psi[$1 + lag] } }
  }

  @Test(arguments: models, [false, true])
  func `gives the exact likelihood, with the mean and sigma² that maximize it`(_ model: (ar: [Double], ma: [Double]), _ hasMean: Bool) {
    let n = Self.values.count
    let gamma = autocovariances(model.ar, model.ma, n)
    // Cholesky: L Lᵀ = Γ; whitened y and 1.
    var l = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    for i in 0..<n {
      for j in 0...i {
        let sum = (0..<j).reduce(gamma[i - j]) { $0 - l[i][$1] * l[j][$1] }
        l[i][j] = i == j ? sum.squareRoot() : sum / l[j][j]
      }
    }
    func whiten(_ x: [Double]) -> [Double] {
      var result: [Double] = []
      for i in 0..<n { result.append((0..<i).reduce(x[i]) { $0 - l[i][$1] * result[$1] } / l[i][i]) }
      return result
    }
    let (y, one) = (whiten(Self.values), whiten([Double](repeating: 1, count: n)))
    let mean = hasMean ? zip(y, one).reduce(0) { $0 + $1.0 * $1.1 } / one.reduce(0) { $0 + $1 * $1 } : 0
    let sigma2 = zip(y, one).reduce(0) { $0 + ($1.0 - mean * $1.1) * ($1.0 - mean * $1.1) } / Double(n)
    let expected = 0.5 * log(sigma2) + (0..<n).reduce(0) { $0 + log(l[$1][$1]) } / Double(n)

    var filter = ArmaFilter(Self.values, hasMean: hasMean)
    let value = filter.run(ar: model.ar, ma: model.ma, keeping: true)
    #expect(abs(value - expected) < 1e-9)
    #expect(abs(filter.mean - mean) < 1e-9)
    #expect(abs(filter.sigma2 - sigma2) < 1e-9)
    #expect(abs(filter.run(ar: model.ar, ma: model.ma) - value) < 1e-12)
  }

  @Test func `has no likelihood at a unit root, and does not trap`() {
    var filter = ArmaFilter(Self.values, hasMean: false)
    for ar in [[1.0], [1.5, -0.5], [2, -1], [.nan], [.infinity]] { #expect(filter.run(ar: ar, ma: []) == .infinity) }
  }
}

import Foundation
import Testing

@testable import Forecasting

@Suite("A forecast")
struct ArimaForecastTests {
  @Test func `of a random walk with drift is the line, its variance h sigma²`() throws {
    let model = try Arima.fit(TimeSeries([1, 3, 4, 8, 9, 11]), order: ArimaOrder(0, 1, 0, drift: true))
    #expect(abs((model.constant ?? 0) - 2) < 1e-12)
    #expect(abs(model.sigma2 - 1.2) < 1e-12)
    for step in try model.forecast(5) {
      #expect(abs(step.mean - (11 + 2 * Double(step.step))) < 1e-12)
      #expect(abs(step.standardError - (1.2 * Double(step.step)).squareRoot()) < 1e-12)
    }
  }

  @Test func `has the variance of Σψ² where the filter is steady: twice differenced, seasonal, mixed`() throws {
    let orders = [
      try ArimaOrder(1, 1, 1), try ArimaOrder(2, 0, 0), try ArimaOrder(1, 2, 0),
      try ArimaOrder(1, 1, 0, seasonal: .init(0, 1, 1), period: 12),
    ]
    for order in orders {
      let model = try Arima.fit(Series.load("air-passengers", period: 12), order: order)
      // 1/((1−B)…φ(B)Φ(Bˢ)) θ(B)Θ(Bˢ), the ψ weights of the full model.
      let ar = LagPolynomial.product(
        LagPolynomial.differencing(order), LagPolynomial.of(model.coefficients.expandedAR(period: order.period), sign: -1))
      let inverse = LagPolynomial.inverse(ar, count: 30)
      let psi = LagPolynomial.product(inverse, [1] + model.coefficients.expandedMA(period: order.period)).prefix(30)
      var sum = 0.0
      for (step, weight) in zip(try model.forecast(30), psi) {
        sum += weight * weight
        #expect(abs(step.standardError / (model.sigma2 * sum).squareRoot() - 1) < 0.02, "\(order), step \(step.step)")
      }
    }
  }

  @Test func `has prediction intervals at the quantiles of the normal distribution`() {
    let step = ForecastStep(step: 1, mean: 10, standardError: 2)
    #expect(abs(step.upper80 - 12.5631031) < 1e-6 && abs(step.lower80 - 7.4368969) < 1e-6)
    #expect(abs(step.upper95 - 13.9199280) < 1e-6 && abs(step.lower95 - 6.0800720) < 1e-6)
  }

  @Test func `of a stationary series converges to its mean`() throws {
    let model = try Arima.fit(Series.load("lh"), order: ArimaOrder(1, 0, 0))
    let last = try #require(try model.forecast(200).last)
    #expect(abs(last.mean - (model.constant ?? 0)) < 1e-9)
  }

  @Test func `of a seasonally differenced series with drift has a drift per step, and rises by its sum per season`() throws {
    let (season, noise): ([Double], [Double]) = ([0, 5, 1, -3], [0.1, -0.2, 0.15, 0.05, -0.1])
    let values: [Double] = (0..<40).map { (t: Int) -> Double in 2 * Double(t) + season[t % 4] + noise[t % 5] }
    let model = try Arima.fit(TimeSeries(values, period: 4), order: ArimaOrder(0, 0, 0, seasonal: .init(0, 1, 0), period: 4, drift: true))
    #expect(abs((model.constant ?? 0) - 2) < 0.05)
    let steps = try model.forecast(8)
    #expect(abs(steps[4].mean - steps[0].mean - 8) < 0.2)
  }

  @Test(arguments: [0, -1, 1001, Int.max])
  func `beyond a thousand steps is rejected`(_ horizon: Int) throws {
    let model = try Arima.fit(Series.load("lh"), order: ArimaOrder(1, 0, 0))
    let error = #expect(throws: ForecastingError.self) { try model.forecast(horizon) }
    #expect(error?.kind == .unsupported && error?.message == "a horizon of \(horizon) is not supported")
  }
}

import Testing

@testable import Forecasting

/// Compares with statsmodels 0.15's `ETSModel(…, initialization_method="estimated")` on the series divided by its standard deviation. If its search
/// stops early, our fit must not be worse.
@Suite("Exponential smoothing")
struct EtsTests {
  struct Reference: Sendable, CustomTestStringConvertible {
    let series: String
    let period: Int
    let trend: Ets.Trend
    let isSeasonal: Bool
    let logLikelihood: Double
    let forecast: [Double]
    var testDescription: String { "\(series) \(trend)" }
  }

  static let references = [
    Reference(
      series: "nile", period: 1, trend: .none, isSeasonal: false, logLikelihood: -638.02586, forecast: [805.316, 805.316, 805.316]),
    Reference(
      series: "lake-huron", period: 1, trend: .none, isSeasonal: false, logLikelihood: -109.7314, forecast: [579.96, 579.96, 579.96]),
    Reference(
      series: "accident-deaths", period: 12, trend: .none, isSeasonal: true, logLikelihood: -500.4193,
      forecast: [8321.96, 7570.53, 8357.79]),
    Reference(
      series: "air-passengers", period: 12, trend: .additive, isSeasonal: true, logLikelihood: -564.9838,
      forecast: [451.578, 427.260, 464.704]),
    Reference(series: "netflix-revenue", period: 4, trend: .additive, isSeasonal: false, logLikelihood: -425.971, forecast: []),
    Reference(series: "netflix-revenue", period: 4, trend: .damped, isSeasonal: false, logLikelihood: -430.143, forecast: []),
  ]

  @Test(arguments: references)
  func `fits as well as statsmodels does, and forecasts the same`(_ reference: Reference) throws {
    let series = try Series.load(reference.series, period: reference.period)
    let model = try Ets.fit(series, trend: reference.trend, isSeasonal: reference.isSeasonal)
    #expect(model.logLikelihood > reference.logLikelihood - 0.005)
    for (ours, known) in zip(model.forecast(3), reference.forecast) { #expect(abs(ours.mean / known - 1) < 0.0001) }
  }

  @Test func `widens by α² per step without a trend`() throws {
    let model = try Ets.fit(Series.load("nile"), trend: .none, isSeasonal: false)
    for step in model.forecast(5) {
      let factor = 1 + model.alpha * model.alpha * Double(step.step - 1)
      #expect(abs(step.standardError - (model.sigma2 * factor).squareRoot()) < 1e-9 * step.standardError)
    }
  }

  @Test func `has a season only if the series has one`() throws {
    #expect(try Ets.choose(Series.load("accident-deaths", period: 12)).isSeasonal)
    #expect(try !Ets.choose(Series.revenue()).isSeasonal)
    #expect(try Ets.choose(Series.load("nile")).name == "ETS(A,N,N)")
  }
}

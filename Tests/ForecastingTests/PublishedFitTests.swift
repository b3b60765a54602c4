import Foundation
import Testing

@testable import Forecasting

/// Fits that R prints: `arima` in the examples of its documentation (`?arima`, `?predict.Arima`), and `forecast::auto.arima`, whose
/// sigma² is n/(n−k) times that of the likelihood.
@Suite("Fits that R's documentation and textbooks print")
struct PublishedFitTests {
  struct Published: Sendable, CustomTestStringConvertible {
    let series: String
    var period = 1
    var isLog = false
    let order: @Sendable () throws -> ArimaOrder
    /// As printed, with the same number of decimal places.
    let parameters: [Double]
    let places: Int
    let sigma2: Double
    let logLikelihood: Double
    var testDescription: String { "\(series) \((try? order().description) ?? "")" }
  }

  static let published = [
    // ?arima
    Published(
      series: "lh", order: { try ArimaOrder(1, 0, 0) }, parameters: [0.5739, 2.4133], places: 4, sigma2: 0.1975, logLikelihood: -29.38),
    Published(
      series: "lh", order: { try ArimaOrder(3, 0, 0) }, parameters: [0.6448, -0.0634, -0.2198, 2.3931], places: 4, sigma2: 0.1787,
      logLikelihood: -27.09),
    Published(
      series: "lh", order: { try ArimaOrder(1, 0, 1) }, parameters: [0.4522, 0.1982, 2.4101], places: 4, sigma2: 0.1923,
      logLikelihood: -28.76),
    Published(
      series: "accident-deaths", period: 12, order: { try ArimaOrder(0, 1, 1, seasonal: .init(0, 1, 1), period: 12) },
      parameters: [-0.4303, -0.5528], places: 4, sigma2: 99_347, logLikelihood: -425.44),
    // ?WWWusage, after Durbin & Koopman 2012
    Published(
      series: "www-usage", order: { try ArimaOrder(3, 1, 0) }, parameters: [1.1513, -0.6612, 0.3407], places: 4, sigma2: 9.363,
      logLikelihood: -252),
    // forecast::auto.arima
    Published(
      series: "nile", order: { try ArimaOrder(1, 1, 1) }, parameters: [0.2544, -0.8741], places: 4, sigma2: 20_177 * 97.0 / 99,
      logLikelihood: -630.63),
    Published(
      series: "air-passengers", period: 12, order: { try ArimaOrder(2, 1, 1, seasonal: .init(0, 1, 0), period: 12) },
      parameters: [0.5960, 0.2143, -0.9819], places: 4, sigma2: 132.3 * 128.0 / 131, logLikelihood: -504.92),
    // The airline model of Box & Jenkins 1970
    Published(
      series: "air-passengers", period: 12, isLog: true, order: { try ArimaOrder(0, 1, 1, seasonal: .init(0, 1, 1), period: 12) },
      parameters: [-0.4018, -0.5569], places: 4, sigma2: 0.001348, logLikelihood: 244.7),
  ]

  @Test(arguments: published)
  func `are reproduced`(_ known: Published) throws {
    let values = try Series.load(known.series, period: known.period).values
    let series = try TimeSeries(known.isLog ? values.map { log($0) } : values, period: known.period)
    let model = try Arima.fit(series, order: known.order())
    #expect(abs(model.logLikelihood - known.logLikelihood) <= 0.0051)
    for (ours, theirs) in zip(model.parameters, known.parameters) {
      // R stops where its likelihood is flat: allow a few units of the last decimal place.
      #expect(abs(ours.value - theirs) <= 4 * pow(10, -Double(known.places)), "\(ours.name) is \(ours.value)")
    }
    #expect(abs(model.sigma2 / known.sigma2 - 1) < 0.002)
  }

  @Test func `have R's forecasts and standard errors`() throws {
    // ?predict.Arima: predict(arima(lh, order = c(3,0,0)), n.ahead = 12), predict(arima(USAccDeaths, …), n.ahead = 6).
    let lh = try Arima.fit(Series.load("lh"), order: ArimaOrder(3, 0, 0)).forecast(4)
    for (ours, known) in zip(lh, [2.460173, 2.270829, 2.198597, 2.260696]) { #expect(abs(ours.mean - known) < 0.0003) }

    let order = try ArimaOrder(0, 1, 1, seasonal: .init(0, 1, 1), period: 12)
    let deaths = try Arima.fit(Series.load("accident-deaths", period: 12), order: order).forecast(6)
    for (ours, known) in zip(deaths, [8336.061, 7531.829, 8314.644, 8616.869, 9488.913, 9859.757]) {
      #expect(abs(ours.mean / known - 1) < 0.0005)
    }
    for (ours, known) in zip(deaths, [315.4481, 363.0054, 405.0164, 443.0623, 478.0897, 510.7197]) {
      #expect(abs(ours.standardError / known - 1) < 0.002)
    }
  }

  @Test(
    arguments: [
      ("accident-deaths", 12, 1, 1, "(0,1,1)(0,1,1)12", 857.32), ("nile", 1, 3, 0, "(1,1,1)", 1267.51),
      ("air-passengers", 12, 2, 0, "(2,1,1)(0,1,0)12", 1018.17),
    ])
  func `are chosen from a grid, with the AICc that auto.arima prints`(
    _ name: String, _ period: Int, _ terms: Int, _ seasonal: Int, _ order: String, _ aicc: Double
  ) throws {
    var grid = AutoArima.Grid()
    (grid.p, grid.q, grid.seasonalP, grid.seasonalQ) = (terms, min(terms, 2), seasonal, seasonal)
    let search = try AutoArima(Series.load(name, period: period), grid: grid)
    #expect(search.best.order.description == order)
    #expect(abs((search.best.aicc ?? 0) - aicc) < 0.01)
  }
}

import Foundation
import Testing

@testable import Forecasting

/// Fits of Netflix's global revenue by statsmodels on the series in billions.
@Suite("Fits of Netflix's global revenue")
struct RevenueReferenceTests {
  struct Reference: Sendable, CustomTestStringConvertible {
    let order: @Sendable () throws -> ArimaOrder
    let name: String
    let logLikelihood: Double
    var forecast: [Double] = []
    var testDescription: String { name }
  }

  static let references = [
    Reference(order: { try ArimaOrder(1, 1, 1) }, name: "(1,1,1)", logLikelihood: 6.9985, forecast: [9.735, 10.089, 10.434, 10.769]),
    Reference(
      order: { try ArimaOrder(1, 1, 1, drift: true) }, name: "(1,1,1) with drift", logLikelihood: 9.271,
      forecast: [9.708, 10.021, 10.317, 10.601]),
    Reference(
      order: { try ArimaOrder(0, 1, 0, drift: true) }, name: "(0,1,0) with drift", logLikelihood: 8.292,
      forecast: [9.613, 9.855, 10.098, 10.340]),
    Reference(order: { try ArimaOrder(0, 1, 1, drift: true) }, name: "(0,1,1) with drift", logLikelihood: 8.634),
    Reference(order: { try ArimaOrder(1, 1, 0, drift: true) }, name: "(1,1,0) with drift", logLikelihood: 8.857),
    Reference(order: { try ArimaOrder(0, 2, 2) }, name: "(0,2,2)", logLikelihood: 8.651),
  ]

  @Test(arguments: references)
  func `have the known likelihood and forecasts`(_ reference: Reference) throws {
    let model = try Arima.fit(Series.revenue(), order: reference.order())
    #expect(abs(model.logLikelihood - reference.logLikelihood) < 0.005)
    if reference.forecast.isEmpty { return }
    for (step, known) in zip(try model.forecast(4), reference.forecast) {
      #expect(abs(step.mean - known) < 0.001 * known)
    }
  }

  @Test(arguments: references)
  func `are the same in dollars as in billions`(_ reference: Reference) throws {
    let billions = try Arima.fit(Series.revenue(), order: reference.order())
    let dollars = try Arima.fit(Series.revenue(inBillions: false), order: reference.order())
    #expect(abs(dollars.logLikelihood + Double(dollars.n) * log(1e9) - billions.logLikelihood) < 1e-6)
    for (a, b) in zip(try billions.forecast(4), try dollars.forecast(4)) {
      #expect(abs(a.mean - b.mean / 1e9) < 1e-5 * a.mean)
      #expect(abs(a.standardError - b.standardError / 1e9) < 1e-4 * a.standardError)
    }
  }
}

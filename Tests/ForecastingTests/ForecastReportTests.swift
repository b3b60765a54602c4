import Foundation
import Testing

@testable import Forecasting

@Suite("The report of a forecast")
struct ForecastReportTests {
  @Test func `of Netflix's revenue chooses the random walk with drift, with the reason and the backtest`() throws {
    let report = try ForecastReport(Series.revenue(inBillions: false), name: "global_revenue")
    #expect(report.model.order == (try ArimaOrder(0, 1, 0, drift: true)))
    #expect(
      report.reason
        == "no seasonal difference, as the season's strength 0.23 is not above 0.64; one difference, as KPSS is 1.094, then 0.249 (limit "
        + "0.463); of 68 models (p ≤ 3, q ≤ 3, P ≤ 1, Q ≤ 1, at most 5 terms) (0,1,0) with drift has the lowest AICc, 817.05, and of the "
        + "2 with such support the lowest backtest error (MASE 1.35)")
    #expect(
      report.verdict
        == "Over 34 forecasts from 10 origins, 1 to 4 steps ahead, ARIMA(0,1,0) with drift and the drift line are level and best, with a MASE of 1.35; "
        + "the naive forecast follows with 1.53, 13 % more. ARIMA's 95 % interval held only 53 % of the values: it is too narrow.")
  }
}

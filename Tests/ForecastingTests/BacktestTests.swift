import Testing

@testable import Forecasting

@Suite("A backtest")
struct BacktestTests {
  @Test func `forecasts from every origin in the second half, and uses no later values`() throws {
    let bumps = [0, 0.5, -0.5]
    let values: [Double] = (1...12).map { (t: Int) -> Double in Double(t) + bumps[t % 3] }
    let test = try #require(Backtest.compare(TimeSeries(values), [.baseline(.naive)], with: [.baseline(.drift)], horizon: 3).first)
    #expect(test.origins == [6, 7, 8, 9, 10, 11])
    #expect(test.comparisons == 3 + 3 + 3 + 3 + 2 + 1)
    for point in test.points {
      #expect(point.forecast.mean == values[point.origin - 1])
      #expect(point.actual == values[point.index])
    }
    #expect(test.scores.map(\.model) == ["naive", "drift"])
  }

  @Test func `has the scores of the definitions`() throws {
    // Naive: off by 2 at each origin; the changes known before are 1, 1, 1, 2 … in size.
    let values = [0.0, 1, 0, 1, 3, 5]
    let test = try #require(Backtest.compare(TimeSeries(values), [.baseline(.naive)], with: [], horizon: 1).first)
    let score = try #require(test.scores.first)
    #expect(test.origins == [4, 5])
    #expect(abs(score.mase - (2 / 1.0 + 2 / 1.25) / 2) < 1e-12)
    #expect(abs((score.mape ?? 0) - 100 * (2 / 3.0 + 2 / 5.0) / 2) < 1e-12)
    // 1 ± 1.96·1 does not contain 3; 3 ± 1.96·√(7/4) contains 5.
    #expect(score.coverage95 == 0.5)
  }

  @Test func `has no percentage error if an actual value is zero`() throws {
    let test = try #require(
      Backtest.compare(TimeSeries([3, 1, 2, 0, 2, 0, 1, 0, 2, 0]), [.baseline(.naive)], with: [], horizon: 1).first)
    #expect(test.scores.first?.mape == nil)
    #expect(test.scores.first?.mase.isFinite == true)
  }

  @Test func `of too short a series has no scores`() throws {
    let test = try #require(Backtest.compare(TimeSeries([3, 1, 2, 5]), [.baseline(.naive)], with: [], horizon: 1).first)
    #expect(test.scores.isEmpty && test.origins.isEmpty)
  }

  @Test func `of a long series has 24 origins, the last of them at the last value but one`() throws {
    let test = try #require(Backtest.compare(Series.load("nile"), [.baseline(.naive)], with: [], horizon: 4).first)
    #expect(test.origins.count == Backtest.maxOrigins)
    #expect(test.origins.first == 50 && test.origins.last == 99)
  }
}

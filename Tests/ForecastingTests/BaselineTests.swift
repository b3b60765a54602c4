import Testing

@testable import Forecasting

@Suite("The baselines")
struct BaselineTests {
  private func means(_ baseline: Baseline, _ values: [Double], period: Int = 1) throws -> [Double] {
    try baseline.forecast(TimeSeries(values, period: period), 5).map(\.mean)
  }

  @Test func `repeat the last value, the last season, or the line through both ends`() throws {
    #expect(try means(.naive, [1, 4, 2, 7]) == [7, 7, 7, 7, 7])
    #expect(try means(.seasonalNaive, [1, 4, 2, 7, 2, 9, 1, 8], period: 4) == [2, 9, 1, 8, 2])
    #expect(try means(.drift, [1, 4, 2, 7]) == [9, 11, 13, 15, 17])
  }

  @Test func `have intervals that widen with √h, with √seasons, and for the line also with the error of its slope`() throws {
    let naive = try Baseline.naive.forecast(TimeSeries([0, 1, 0, 1, 0]), 4)
    #expect(naive.map(\.standardError) == [1, 2.0.squareRoot(), 3.0.squareRoot(), 2])
    let drift = try Baseline.drift.forecast(TimeSeries([0, 1, 0, 1, 0]), 2)
    #expect(abs(drift[1].standardError - (4.0 / 3 * 2 * (1 + 2.0 / 4)).squareRoot()) < 1e-12)
  }

  @Test func `need a few values that vary`() {
    func kind(_ baseline: Baseline, _ values: [Double], period: Int = 1) -> ForecastingError.Kind? {
      #expect(throws: ForecastingError.self) { try means(baseline, values, period: period) }?.kind
    }
    #expect(kind(.naive, [1, 2, 3]) == .tooShort)
    #expect(kind(.naive, [2, 2, 2, 2, 2]) == .constant)
    #expect(kind(.drift, [1, 2, 3, 4, 5]) == .constant)
    #expect(kind(.seasonalNaive, [1, 2, 3, 4, 5], period: 4) == .tooShort)
  }
}

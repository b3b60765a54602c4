import Testing

@testable import Forecasting

@Suite("A series that cannot be modelled")
struct DegenerateSeriesTests {
  private func kind(_ values: [Double], period: Int = 1, order: ArimaOrder? = nil) -> ForecastingError.Kind? {
    do throws(ForecastingError) {
      _ = try ForecastReport(TimeSeries(values, period: period), name: "x", order: order)
      return nil
    } catch {
      return error.kind
    }
  }

  @Test("is told by what is wrong with it")
  func kinds() throws {
    #expect(kind([]) == .tooShort)
    #expect(kind([1]) == .tooShort)
    #expect(kind([1, 2]) == .tooShort)
    #expect(kind([1, 2, 4]) == .tooShort)
    #expect(kind([1, .nan, 3, 4, 5]) == .notFinite)
    #expect(kind([1, 2, .infinity]) == .notFinite)
    #expect(kind([1, 2, 3e200, 4, 5, 6]) == .outOfRange)
    #expect(kind([1e-200, 2e-200, 1e-200, 3e-200]) == .outOfRange)
    #expect(kind([Double](repeating: 7, count: 30)) == .constant)
    #expect(kind([Double](repeating: 0, count: 30)) == .constant)
    #expect(kind((1...30).map(Double.init)) == .constant)
    #expect(kind((1...30).map { 0.1 * Double($0) }) == .constant)
    #expect(kind((1...40).map { Double($0 % 4) }, period: 4) == .constant)
    #expect(kind([1, 2, 3, 5], period: 0) == .unsupported)
    #expect(kind([1, 2, 3, 5], period: 1000) == .unsupported)
    #expect(kind([Double](repeating: 1, count: 2_001)) == .unsupported)
    #expect(kind([3, 1, 4, 1, 5, 9, 2, 6], order: try ArimaOrder(5, 0, 5)) == .tooShort)
    #expect(kind([3, 1, 4, 1, 5, 9, 2, 6], order: try ArimaOrder(0, 1, 0, seasonal: .init(0, 1, 0), period: 12)) == .tooShort)
  }

  @Test("is told before a nonsense order is", arguments: [(-1, 0, 0), (13, 0, 0), (0, 4, 0), (0, 0, 99), (0, -1, 0)])
  func orders(_ p: Int, _ d: Int, _ q: Int) {
    #expect(throws: ForecastingError.self) { try ArimaOrder(p, d, q) }
  }

  @Test("has no seasonal terms without a season, and no drift but in one difference")
  func combinations() {
    #expect(throws: ForecastingError.self) { try ArimaOrder(0, 0, 0, seasonal: .init(1, 0, 0), period: 1) }
    #expect(throws: ForecastingError.self) { try ArimaOrder(1, 0, 0, drift: true) }
    #expect(throws: ForecastingError.self) { try ArimaOrder(1, 1, 0, seasonal: .init(0, 1, 0), period: 4, drift: true) }
    #expect(throws: ForecastingError.self) { try ArimaOrder(0, 0, 0, seasonal: .init(12, 0, 0), period: 366) }
  }

  @Test(
    "is not one that is merely odd: large, small, short, stepped, periodic, alternating",
    arguments: [
      [1e140, 3e140, 2e140, 5e140, 4e140, 6e140, 5.5e140, 8e140], [1e-130, 3e-130, 2e-130, 5e-130, 4e-130, 6e-130, 5.5e-130, 8e-130],
      [1, 3, 2, 5, 4, 6], [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1], [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3],
      [1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1], [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 6], [-4, -3.5, -6, -2, -9, -1, -7, -3],
    ])
  func odd(_ values: [Double]) throws {
    let report = try ForecastReport(TimeSeries(values), name: "x")
    #expect(report.steps.count == 4)
    #expect(report.steps.allSatisfy { $0.lower95 <= $0.mean && $0.mean <= $0.upper95 })
  }
}

import Testing

@testable import Forecasting

@Suite("A series that cannot be modeled")
struct DegenerateSeriesTests {
  private func kind(_ values: [Double], period: Int = 1, order: ArimaOrder? = nil) -> ForecastingError.Kind? {
    do throws(ForecastingError) {
      _ = try ForecastReport(TimeSeries(values, period: period), name: "x", order: order)
      return nil
    } catch {
      return error.kind
    }
  }

  @Test func `is rejected with the kind of the fault`() throws {
    #expect(kind([]) == .tooShort)
    #expect(kind([1]) == .tooShort)
    #expect(kind([1, 2]) == .tooShort)
    #expect(kind([1, 2, 4]) == .tooShort)
    #expect(kind([1, .nan, 3, 4, 5]) == .notFinite)
    #expect(kind([1, 2, .infinity]) == .notFinite)
    #expect(kind([1, 2, 3e200, 4, 5, 6]) == .outOfRange)
    #expect(kind([1e-200, 2e-200, 1e-200, 3e-200]) == .outOfRange)
    #expect(kind([1, 2, 3, 5], period: 0) == .unsupported)
    #expect(kind([1, 2, 3, 5], period: 1000) == .unsupported)
    #expect(kind([Double](repeating: 1, count: 2_001)) == .unsupported)
    #expect(kind([3, 1, 4, 1, 5, 9, 2, 6], order: try ArimaOrder(5, 0, 5)) == .tooShort)
    #expect(kind([3, 1, 4, 1, 5, 9, 2, 6], order: try ArimaOrder(0, 1, 0, seasonal: .init(0, 1, 0), period: 12)) == .tooShort)
  }

  @Test(arguments: [(-1, 0, 0), (13, 0, 0), (0, 4, 0), (0, 0, 99), (0, -1, 0)])
  func `is reported before an unsupported order`(_ p: Int, _ d: Int, _ q: Int) {
    let error = #expect(throws: ForecastingError.self) { try ArimaOrder(p, d, q) }
    #expect(error?.kind == .unsupported && error?.message == "the order (\(p),\(d),\(q)) is not supported")
  }

  @Test func `has no seasonal terms without a season, and a drift only with one difference`() {
    func message(_ order: @autoclosure () throws -> ArimaOrder) -> String? {
      let error = #expect(throws: ForecastingError.self) { try order() }
      return error?.kind == .unsupported ? error?.message : nil
    }
    #expect(message(try ArimaOrder(0, 0, 0, seasonal: .init(1, 0, 0), period: 1)) == "seasonal terms need a period above 1, not 1")
    let drift = "drift is a constant in the once differenced series, and"
    #expect(message(try ArimaOrder(1, 0, 0, drift: true)) == "\(drift) (1,0,0) with drift takes 0 differences")
    #expect(
      message(try ArimaOrder(1, 1, 0, seasonal: .init(0, 1, 0), period: 4, drift: true))
        == "\(drift) (1,1,0)(0,1,0)4 with drift takes 2 differences")
    #expect(
      message(try ArimaOrder(0, 0, 0, seasonal: .init(12, 0, 0), period: 366))
        == "the order (0,0,0)(12,0,0)366 reaches 4392 periods back")
  }

  @Test(
    arguments: [
      [1e140, 3e140, 2e140, 5e140, 4e140, 6e140, 5.5e140, 8e140], [1e-130, 3e-130, 2e-130, 5e-130, 4e-130, 6e-130, 5.5e-130, 8e-130],
      [1, 3, 2, 5, 4, 6], [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1], [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3],
      [1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1], [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 6], [-4, -3.5, -6, -2, -9, -1, -7, -3],
    ])
  func `is not one that is merely unusual: large, small, short, stepped, periodic, alternating`(_ values: [Double]) throws {
    let report = try ForecastReport(TimeSeries(values), name: "x")
    #expect(report.steps.count == 4)
    #expect(report.steps.allSatisfy { $0.lower95 <= $0.mean && $0.mean <= $0.upper95 })
  }

  static let noiseless: [(name: String, period: Int, value: @Sendable (Int) -> Double, sentence: String)] = [
    ("constant", 1, { _ in 7 }, "All 30 values are equal"), ("nothing", 4, { _ in 0 }, "All 30 values are equal"),
    ("a decimal", 12, { _ in 0.1 }, "All 30 values are equal"), ("large", 1, { _ in -1e140 }, "All 30 values are equal"),
    ("rising", 1, { Double($0) }, "The values lie on a straight line"),
    ("falling in tenths", 4, { 5 - 0.1 * Double($0) }, "The values lie on a straight line"),
    ("a parabola", 1, { Double($0 * $0) }, "The values lie on a curve without noise"),
    ("a season", 4, { [1.5, 3, 2, 8][$0 % 4] }, "Each season repeats the one before"),
    ("a season on a line", 4, { [1, 3, 2, 8][$0 % 4] + 0.5 * Double($0) }, "Each season differs from the one before in the same way"),
  ]

  @Test(arguments: noiseless.indices)
  func `without noise is continued exactly, regardless of the requested order`(_ index: Int) throws {
    let one = Self.noiseless[index]
    let series = try TimeSeries((0..<30).map(one.value), period: one.period)
    for order in [nil, try ArimaOrder(1, 1, 1)] {
      let report = try ForecastReport(series, name: one.name, order: order, horizon: 9)
      for step in report.steps {
        let due = one.value(29 + step.step)
        #expect((step.mean - due).magnitude <= 1e-9 * max(1, due.magnitude), "\(one.name), step \(step.step): \(step.mean), not \(due)")
        #expect(step.standardError == 0)
      }
      #expect(report.verdict.hasPrefix(one.sentence + ":"), "\(report.verdict)")
      #expect(report.verdict.hasSuffix(" and its intervals have no width."))
      #expect(report.ljungBoxP == nil)
    }
  }

  @Test func `with one deviating value is not exact, and has intervals`() throws {
    for one in Self.noiseless where one.name != "large" {
      var values = (0..<30).map(one.value)
      values[17] += 1
      let report = try ForecastReport(TimeSeries(values, period: one.period), name: one.name)
      #expect(!report.model.isExact, "\(one.name)")
      #expect(report.steps.allSatisfy { $0.standardError > 0 }, "\(one.name)")
    }
  }
}

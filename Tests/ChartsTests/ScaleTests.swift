import Testing

@testable import Charts

@Suite("Vertical scale")
struct ScaleTests {
  @Test func `has round steps that cover all values`() {
    #expect(Scale([4.52, 9.37], fromZero: true).ticks == [0, 2, 4, 6, 8, 10])
    #expect(Scale([7.12, 17.3], fromZero: false).ticks == [6, 8, 10, 12, 14, 16, 18])
    #expect(Scale([-3, 4], fromZero: false).ticks == [-4, -2, 0, 2, 4])
    let small = Scale([0.001, 0.0022], fromZero: false)
    #expect(small.decimals == 4)
  }

  @Test(arguments: [5.0, -5, 0, 1e12])
  func `has a range around a single value`(_ value: Double) {
    let scale = Scale([value, value], fromZero: false)
    #expect(scale.lower < value && value < scale.upper)
    #expect(scale.ticks.count >= 2)
  }
}

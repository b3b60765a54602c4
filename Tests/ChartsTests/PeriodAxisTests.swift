import Testing

@testable import Charts

@Suite("Date axis")
struct PeriodAxisTests {
  @Test func `labels every quarter, with the year below its first quarter`() {
    let ticks = PeriodAxis.ticks(["2019-09-30", "2019-12-31", "2020-03-31", "2020-06-30"])
    #expect(ticks == [.init(0, "Q3", group: "2019"), .init(1, "Q4"), .init(2, "Q1", group: "2020"), .init(3, "Q2")])
  }

  @Test func `labels the years of many months`() {
    let ticks = PeriodAxis.ticks((0..<36).map { "\(2019 + $0 / 12)-\($0 % 12 < 9 ? "0" : "")\($0 % 12 + 1)-28" })
    #expect(ticks == [.init(0, "2019"), .init(12, "2020"), .init(24, "2021")])
  }

  @Test func `numbers the steps without dates`() {
    #expect(PeriodAxis.ticks(count: 3) == [.init(0, "1"), .init(1, "2"), .init(2, "3")])
    #expect(PeriodAxis.ticks(count: 100).count == 10)
  }
}

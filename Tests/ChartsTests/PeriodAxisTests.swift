import Testing

@testable import Charts

@Suite("Date axis")
struct PeriodAxisTests {
  @Test func `labels every quarter, with the year below its first quarter`() {
    let axis = PeriodAxis.axis(["2019-09-30", "2019-12-31", "2020-03-31", "2020-06-30"])
    #expect(axis.unit == "Quarter")
    #expect(axis.ticks == [.init(0, "Q3", group: "2019"), .init(1, "Q4"), .init(2, "Q1", group: "2020"), .init(3, "Q2")])
  }

  @Test func `labels the years of many months`() {
    let axis = PeriodAxis.axis((0..<36).map { "\(2019 + $0 / 12)-\($0 % 12 < 9 ? "0" : "")\($0 % 12 + 1)-28" })
    #expect(axis.unit == "Year")
    #expect(axis.ticks == [.init(0, "2019"), .init(12, "2020"), .init(24, "2021")])
  }

  @Test func `numbers the observations without dates`() {
    #expect(PeriodAxis.axis(count: 3).unit == "Observation")
    #expect(PeriodAxis.axis(count: 3).ticks == [.init(0, "1"), .init(1, "2"), .init(2, "3")])
    #expect(PeriodAxis.axis(count: 100).ticks.count == 10)
  }

  @Test func `texts that are not dates are used unchanged`() {
    #expect(PeriodAxis.axis(["a", "b"]).unit == "Date")
    #expect(PeriodAxis.axis(["a", "b"]).ticks == [.init(0, "a"), .init(1, "b")])
  }
}

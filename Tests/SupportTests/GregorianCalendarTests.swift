import Foundation
import Support
import TestSupport
import Testing

@Suite struct GregorianCalendarTests {
  @Test func `days and dates agree from year 1 to 9999`() throws {
    var day = try #require(GregorianCalendar.days(year: 1, month: 1, day: 1))
    #expect(day == -719_162)
    for year in 1...9999 {
      for month in 1...12 {
        let last = GregorianCalendar.lastDay(year: year, month: month)
        #expect(GregorianCalendar.days(year: year, month: month, day: 1) == day)
        let date = GregorianCalendar.date(days: day)
        #expect(date == (year, month, 1))
        day += Int64(last)
        #expect(GregorianCalendar.date(days: day - 1) == (year, month, last))
      }
    }
    #expect(day == 2_932_897)
  }

  @Test func `days that do not exist give nil`() {
    for (year, month, day) in [
      (2019, 2, 29), (1900, 2, 29), (2020, 4, 31), (2020, 13, 1), (2020, 0, 1), (2020, 1, 0), (0, 1, 1), (10000, 1, 1),
    ] {
      #expect(GregorianCalendar.days(year: year, month: month, day: day) == nil)
    }
    #expect(GregorianCalendar.days(year: 2000, month: 2, day: 29) == 11016)
  }

  @Test func `days match those of Foundation's calendar`() throws {
    var gregorian = Calendar(identifier: .gregorian)
    gregorian.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    var random = Seeded(state: 1)
    for _ in 0..<500 {
      let days = Int64.random(in: -50_000..<100_000, using: &random)
      let parts = gregorian.dateComponents([.year, .month, .day], from: Date(timeIntervalSince1970: Double(days) * 86_400))
      let date = GregorianCalendar.date(days: days)
      #expect([parts.year, parts.month, parts.day] == [date.year, date.month, date.day])
    }
  }
}

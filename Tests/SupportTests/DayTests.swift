import Support
import Testing

@Suite struct DayTests {
  @Test(arguments: [
    ("1970-01-01", 0), ("2000-02-29", 11_016), ("1900-03-01", -25_508), ("2024-12-31", 20_088), ("0001-01-01", -719_162),
    ("9999-12-31", 2_932_896),
  ])
  func `a day and its number`(text: String, number: Int64) {
    #expect(Day(iso: text)?.number == number)
    #expect(Day(number).iso == text)
    #expect("\(Day(number))" == text)
  }

  @Test(arguments: [
    "1900-02-29", "2023-04-31", "2020-02-30", "24-01-01", "2024-1-01", "2024-01-1x", "", "2020-02", "2024-01-01-01", "+024-01-01",
    "0000-01-01", "2024-00-01", "2024-13-01", "2024-01-00", "٢٠٢٤-01-01", "nonsense",
  ])
  func `text that is not a date gives nil`(text: String) {
    #expect(Day(iso: text) == nil)
  }

  @Test func `months are added with a day, or with the last day of a shorter month`() throws {
    let end = try #require(Day(iso: "2023-12-31"))
    #expect(end.isMonthEnd)
    #expect(end.adding(months: 2, day: 31)?.iso == "2024-02-29")
    #expect(end.adding(months: 1, day: 15)?.iso == "2024-01-15")
    #expect(end.adding(months: -12, day: 31)?.iso == "2022-12-31")
    #expect(end.adding(months: 12 * 9999, day: 31) == nil)
    #expect(try #require(Day(iso: "2024-02-28")).isMonthEnd == false)
  }

  @Test func `days are added up to the year 9999`() throws {
    let day = try #require(Day(iso: "9999-12-30"))
    #expect(day.adding(days: 1)?.iso == "9999-12-31")
    #expect(day.adding(days: 2) == nil)
    #expect(day.adding(days: -365)?.iso == "9998-12-30")
  }

  @Test func `earlier days are smaller, and a month has a number`() throws {
    let days = try ["2023-12-31", "2024-01-01", "2024-02-01"].map { try #require(Day(iso: $0)) }
    #expect(days.sorted(by: >) == days.reversed())
    #expect(days.map { $0.monthNumber - days[0].monthNumber } == [0, 1, 2])
  }
}

import Testing

@testable import Forecasting

@Suite("The dates of a forecast")
struct ForecastDatesTests {
  @Test func `continue the dates of the series`() {
    #expect(
      ForecastDates.following(["2023-09-30", "2023-12-31", "2024-03-31"], count: 4) == [
        "2024-06-30", "2024-09-30", "2024-12-31", "2025-03-31",
      ])
    #expect(ForecastDates.following(["2023-12-31", "2024-01-31"], count: 3) == ["2024-02-29", "2024-03-31", "2024-04-30"])
    #expect(ForecastDates.following(["2024-01-01", "2024-02-01"], count: 2) == ["2024-03-01", "2024-04-01"])
    #expect(ForecastDates.following(["2022-12-31", "2023-12-31"], count: 2) == ["2024-12-31", "2025-12-31"])
    #expect(ForecastDates.following(["2024-02-20", "2024-02-27"], count: 2) == ["2024-03-05", "2024-03-12"])
    #expect(ForecastDates.following(["1999-12-30", "1999-12-31"], count: 2) == ["2000-01-01", "2000-01-02"])
  }

  @Test func `are nil if those of the series are uneven, descending or invalid`() {
    for dates in [
      ["2024-01-31", "2024-02-29", "2024-04-30"], ["2024-02-29", "2024-01-31"], ["2024-13-01", "2024-14-01"], ["2024-03-31"], [],
      ["a", "b"],
    ] {
      #expect(ForecastDates.following(dates, count: 1) == nil)
    }
  }

  @Test func `determine the length of the season`() {
    #expect(ForecastDates.period(["2023-12-31", "2024-03-31"]) == 4)
    #expect(ForecastDates.period(["2024-01-01", "2024-02-01"]) == 12)
    #expect(ForecastDates.period(["2022-12-31", "2023-12-31"]) == 1)
    #expect(ForecastDates.period(["2024-02-20", "2024-02-27"]) == 52)
    #expect(ForecastDates.period(["2024-02-20", "2024-02-21"]) == 7)
    #expect(ForecastDates.period(["2024-02-20"]) == nil)
  }

  @Test func `are nil beyond the year 9999`() {
    #expect(ForecastDates.following(["9999-11-30", "9999-12-31"], count: 1) == nil)
    #expect(ForecastDates.following(["9999-12-29", "9999-12-30"], count: 1) == ["9999-12-31"])
    #expect(ForecastDates.following(["9999-12-29", "9999-12-30"], count: 2) == nil)
  }
}

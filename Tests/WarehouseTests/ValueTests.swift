import Dataset
import Support
import Testing
import Warehouse

@Suite struct ValueTests {
  @Test(arguments: [
    ("0", 0, 0), ("-0.50", -50, 2), ("11.45", 1145, 2), ("9223372036854775807", Int64.max, 0), ("-9223372036854775808", Int64.min, 0),
    ("4520992000", 4_520_992_000, 0), (".5", 5, 1), ("5.", 5, 0),
  ])
  func `an amount is parsed with its digits`(text: String, unscaled: Int64, scale: Int) {
    #expect(FixedDecimal(text) == FixedDecimal(unscaled: unscaled, scale: scale))
  }

  @Test(arguments: ["", "-", ".", "1e5", "NaN", "9223372036854775808", "1.2.3", "--1", "12a"])
  func `text that is not an amount gives nil`(text: String) {
    #expect(FixedDecimal(text) == nil)
  }

  @Test func `an amount is formatted with its decimal places and thousands separators`() {
    #expect(FixedDecimal(unscaled: 5, scale: 2).text == "0.05")
    #expect(FixedDecimal(unscaled: -5, scale: 2).text == "-0.05")
    #expect(FixedDecimal(unscaled: 1_234_567_89, scale: 2).grouped == "1,234,567.89")
    #expect(FixedDecimal(unscaled: .min).text == "-9223372036854775808")
    #expect(FixedDecimal(unscaled: 100).grouped == "100")
  }

  @Test func `rescaling keeps all digits or fails`() {
    #expect(FixedDecimal(unscaled: 16, scale: 0).rescaled(to: 2) == FixedDecimal(unscaled: 1600, scale: 2))
    #expect(FixedDecimal(unscaled: 1600, scale: 2).rescaled(to: 0) == FixedDecimal(unscaled: 16))
    #expect(FixedDecimal(unscaled: 1145, scale: 2).rescaled(to: 1) == nil)
    #expect(FixedDecimal(unscaled: .max).rescaled(to: 1) == nil)
    #expect(FixedDecimal(unscaled: 1_600, scale: 3).trimmed == FixedDecimal(unscaled: 16, scale: 1))
  }

  @Test(arguments: [
    (StarMapping.Period.day, "2020-02-29", Int64(1)), (.month, "2020-03", 1), (.quarter, "Q1 2020", 1), (.year, "2020", 1),
  ])
  func `a day names its period`(period: StarMapping.Period, label: String, step: Int64) throws {
    let day = try #require(Day(iso: period == .month ? "2020-03-31" : "2020-02-29"))
    #expect(day.label(period) == label)
    let next = try #require(
      Day(iso: [.day: "2020-03-01", .month: "2020-04-30", .quarter: "2020-06-30", .year: "2021-12-31"][period] ?? ""))
    #expect(next.index(period) - day.index(period) == step)
  }

  @Test func `JSON keeps the digits of amounts, and has no undefined numbers`() {
    let json = JSON.object([
      ("b", .amount(FixedDecimal(unscaled: 1100, scale: 2))), ("r", .rounded(1.0 / 3, places: 4)), ("n", .rounded(.nan, places: 2)),
      ("none", .amount(nil)),
    ])
    #expect(json.line == #"{"b":11.00,"r":0.3333,"n":null,"none":null}"#)
  }
}

import Testing

@testable import Console

@Suite("Progress bar")
struct ProgressBarTests {
  @Test func `shows the count, the rate and the remaining time`() {
    #expect(
      ProgressBar.text(done: 500_000, noun: "rows", fraction: 0.5, elapsed: .seconds(2)) == "50 %, 500,000 rows, 250,000/s, 0:02 left")
    #expect(ProgressBar.text(done: 1_234, noun: "rows", fraction: nil, elapsed: .seconds(1)) == "1,234 rows, 1,234/s")
    #expect(ProgressBar.text(done: 0, noun: "rows", fraction: 0, elapsed: .zero) == "0 rows, 0/s")
  }

  @Test func `the bar is never wider than the terminal`() {
    for columns in 0...120 {
      let bar = ProgressBar.bar("50 %, 500,000 rows, 250,000/s, 0:02 left", fraction: 0.5, columns: columns)
      #expect(bar.count < max(columns, 1))
    }
    #expect(ProgressBar.bar("50 %", fraction: 0.5, columns: 18) == "▕█████░░░░░▏ 50 %")
  }

  @Test(arguments: [(0.2, "0:00"), (59.6, "1:00"), (3725, "62:05"), (.infinity, "5999:59")])
  func `times are shown as minutes and seconds`(seconds: Double, text: String) {
    #expect(ProgressBar.clock(seconds) == text)
  }
}

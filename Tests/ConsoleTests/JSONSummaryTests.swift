import Testing

@testable import Console

@Suite("JSON summary")
struct JSONSummaryTests {
  @Test func `keeps the order of its keys`() {
    var summary = JSONSummary()
    summary.add("topic", "netflix")
    summary.add("read", 21)
    summary.add("seconds", Duration.milliseconds(1234))
    summary.add("whole", seconds: 3)
    summary.add("atomic", false)
    #expect(summary.line == #"{"topic":"netflix","read":21,"seconds":1.234,"whole":3.0,"atomic":false}"#)
  }
}

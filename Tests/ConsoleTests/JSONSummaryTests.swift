import Foundation
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
    summary.add("list", json: "[1]")
    #expect(summary.line == #"{"topic":"netflix","read":21,"seconds":1.234,"whole":3.0,"atomic":false,"list":[1]}"#)
  }

  @Test(arguments: ["", "plain", "\"quoted\" \\ back", "tab\tline\nreturn\r", "\u{0}\u{1F}", "Zürich 東京 🎬", "\u{2028}"])
  func `any string survives a JSON round trip`(text: String) throws {
    var summary = JSONSummary()
    summary.add("text", text)
    let decoded = try JSONDecoder().decode([String: String].self, from: Data(summary.line.utf8))
    #expect(decoded == ["text": text])
  }
}

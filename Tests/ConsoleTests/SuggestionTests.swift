import Support
import Testing

@testable import Console

@Suite struct SuggestionTests {
  @Test func `a typing error is recognized by at most a third of its characters, at least one`() {
    #expect(EditDistance.suggestion(for: "dmeo", among: ["demo", "etl"]) == "demo")
    #expect(EditDistance.suggestion(for: "-t", among: ["-v"]) == "-v")
    #expect(EditDistance.suggestion(for: "--frobnicate", among: ["--topic", "--json"]) == nil)
    #expect(EditDistance.suggestion(for: "x", among: []) == nil)
  }

  @Test func `an unambiguous prefix is suggested`() {
    #expect(EditDistance.suggestion(for: "--boot", among: ["--bootstrap-servers", "--json"]) == "--bootstrap-servers")
    #expect(EditDistance.suggestion(for: "--rej", among: ["--rejects-file", "--rejects-limit"]) == nil)
  }
}

import Testing

@testable import Console

@Suite("Edit distance")
struct EditDistanceTests {
  @Test(arguments: [
    ("", "", 0), ("", "abc", 3), ("abc", "abc", 0), ("topic", "topics", 1), ("demo", "dmeo", 1), ("kitten", "sitting", 3), ("ab", "ba", 1),
  ])
  func `counts insertions, deletions, replacements and swaps`(first: String, second: String, distance: Int) {
    #expect(EditDistance.between(first, second) == distance)
    #expect(EditDistance.between(second, first) == distance)
  }

  @Test func `distant words are not suggested`() {
    #expect(EditDistance.nearest(to: "--frobnicate", among: ["--topic", "--json"]) == nil)
    #expect(EditDistance.nearest(to: "x", among: []) == nil)
  }

  @Test func `an unambiguous prefix is suggested`() {
    #expect(EditDistance.nearest(to: "--boot", among: ["--bootstrap-servers", "--json"]) == "--bootstrap-servers")
  }
}

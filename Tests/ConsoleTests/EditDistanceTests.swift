import Testing

@testable import Console

@Suite("The distance between two words")
struct EditDistanceTests {
  @Test(arguments: [
    ("", "", 0), ("", "abc", 3), ("abc", "abc", 0), ("topic", "topics", 1), ("demo", "dmeo", 1), ("kitten", "sitting", 3), ("ab", "ba", 1),
  ])
  func `counts insertions, deletions, replacements and swaps`(first: String, second: String, distance: Int) {
    #expect(EditDistance.between(first, second) == distance)
    #expect(EditDistance.between(second, first) == distance)
  }

  @Test func `far words are not offered`() {
    #expect(EditDistance.nearest(to: "--frobnicate", among: ["--topic", "--json"]) == nil)
    #expect(EditDistance.nearest(to: "x", among: []) == nil)
  }

  @Test func `the beginning of one word alone is enough`() {
    #expect(EditDistance.nearest(to: "--boot", among: ["--bootstrap-servers", "--json"]) == "--bootstrap-servers")
  }
}

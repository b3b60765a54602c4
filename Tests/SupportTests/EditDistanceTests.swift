import Support
import Testing

@Suite struct EditDistanceTests {
  @Test(arguments: [
    ("", "", 0), ("", "abc", 3), ("abc", "abc", 0), ("topic", "topics", 1), ("demo", "dmeo", 1), ("kitten", "sitting", 3), ("ab", "ba", 1),
  ])
  func `counts insertions, deletions, replacements and swaps`(first: String, second: String, distance: Int) {
    #expect(EditDistance.between(first, second) == distance)
    #expect(EditDistance.between(second, first) == distance)
  }

  @Test func `the first of the nearest candidates within the limit is returned`() {
    #expect(EditDistance.nearest(to: "topc", among: ["tops", "topic", "topics"], limit: 1) == "tops")
    #expect(EditDistance.nearest(to: "topci", among: ["tops", "topic", "topics"], limit: 1) == "topic")
    #expect(EditDistance.nearest(to: "kitten", among: ["sitting"], limit: 2) == nil)
    #expect(EditDistance.nearest(to: "topic", among: ["topic"], limit: 0) == "topic")
    #expect(EditDistance.nearest(to: "x", among: [], limit: 9) == nil)
  }
}

import Testing

@testable import Charts

@Suite("Label layout")
struct LabelLayoutTests {
  @Test func `labels that do not overlap are not moved`() {
    #expect(LabelLayout.spread([5, 1, 9], gap: 2, in: 0...10) == [5, 1, 9])
  }

  @Test func `overlapping labels are moved apart around their center, in their order`() {
    #expect(LabelLayout.spread([5.5, 5, 9], gap: 2, in: 0...12) == [6.25, 4.25, 9])
    #expect(LabelLayout.spread([4, 4, 4], gap: 1, in: 0...10) == [3, 4, 5])
  }

  @Test func `labels stay on the chart and move the labels that they then overlap`() {
    #expect(LabelLayout.spread([0, 0, 1.5], gap: 1, in: 0...10) == [0, 1, 2])
    #expect(LabelLayout.spread([10, 9.9], gap: 2, in: 0...10) == [10, 8])
  }

  @Test func `no labels give no positions`() {
    #expect(LabelLayout.spread([], gap: 1, in: 0...1) == [])
  }
}

import Testing

@testable import Charts

@Suite("Label layout")
struct LabelLayoutTests {
  @Test("labels that do not overlap are not moved")
  func apart() {
    #expect(LabelLayout.spread([5, 1, 9], gap: 2, in: 0...10) == [5, 1, 9])
  }

  @Test("overlapping labels are moved apart around their center, in their order")
  func together() {
    #expect(LabelLayout.spread([5.5, 5, 9], gap: 2, in: 0...12) == [6.25, 4.25, 9])
    #expect(LabelLayout.spread([4, 4, 4], gap: 1, in: 0...10) == [3, 4, 5])
  }

  @Test("labels stay on the chart and move the labels that they then overlap")
  func edges() {
    #expect(LabelLayout.spread([0, 0, 1.5], gap: 1, in: 0...10) == [0, 1, 2])
    #expect(LabelLayout.spread([10, 9.9], gap: 2, in: 0...10) == [10, 8])
  }

  @Test("no labels give no positions")
  func none() {
    #expect(LabelLayout.spread([], gap: 1, in: 0...1) == [])
  }
}

import Testing

@testable import Charts

@Suite("Spread labels")
struct LabelLayoutTests {
  @Test("stay where they are if they do not meet")
  func apart() {
    #expect(LabelLayout.spread([5, 1, 9], gap: 2, in: 0...10) == [5, 1, 9])
  }

  @Test("move apart by the gap around their own middle, in their order")
  func together() {
    #expect(LabelLayout.spread([5.5, 5, 9], gap: 2, in: 0...12) == [6.25, 4.25, 9])
    #expect(LabelLayout.spread([4, 4, 4], gap: 1, in: 0...10) == [3, 4, 5])
  }

  @Test("stay on the picture, and push on what they then meet")
  func edges() {
    #expect(LabelLayout.spread([0, 0, 1.5], gap: 1, in: 0...10) == [0, 1, 2])
    #expect(LabelLayout.spread([10, 9.9], gap: 2, in: 0...10) == [10, 8])
  }

  @Test("of none are none")
  func none() {
    #expect(LabelLayout.spread([], gap: 1, in: 0...1) == [])
  }
}

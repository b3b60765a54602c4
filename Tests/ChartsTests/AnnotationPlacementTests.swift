import Testing

@testable import Charts

@Suite("Annotation placement")
struct AnnotationPlacementTests {
  @Test func `a text is next to its point if the position is free`() {
    let place = AnnotationPlacement(lines: [], width: 1000, height: 500).place(
      nearX: 500, y: 200, above: true, textWidth: 200, lineHeight: 30)
    #expect(place.x == 300)
    #expect(place.y == 227)
  }

  @Test func `a text is moved off a line that crosses it`() {
    let line = [(x: 0.0, y: 230.0), (x: 1000.0, y: 230.0)]
    let place = AnnotationPlacement(lines: [line], width: 1000, height: 500).place(
      nearX: 500, y: 200, above: true, textWidth: 200, lineHeight: 30)
    #expect(place.y == 173)
  }

  @Test(arguments: [true, false])
  func `a text next to a point on a vertical line does not cover the line`(isAbove: Bool) {
    let line = [(x: 900.0, y: 0.0), (x: 900.0, y: 500.0)]
    let place = AnnotationPlacement(lines: [line], width: 1000, height: 500).place(
      nearX: 900, y: 250, above: isAbove, textWidth: 400, lineHeight: 30)
    #expect(place.x + 400 < 900)
    #expect((place.y > 250) == isAbove)
  }

  @Test(arguments: [0.0, 500, 1000], [0.0, 250, 500])
  func `a text stays within the plot`(_ x: Double, _ y: Double) {
    let place = AnnotationPlacement(lines: [], width: 1000, height: 500).place(nearX: x, y: y, above: true, textWidth: 200, lineHeight: 30)
    #expect((0...800).contains(place.x) && (0...500).contains(place.y))
  }
}

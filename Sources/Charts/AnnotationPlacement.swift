/// Places an annotation at the nearest position next to its point where it covers no line.
struct AnnotationPlacement {
  /// A line or a band's edge, in pixels from the lower left of the plot.
  let lines: [[(x: Double, y: Double)]]
  let width: Double
  let height: Double

  /// The left end and the middle height of `count` characters, in pixels: the first free position around the point, from near to far.
  func place(nearX x: Double, y: Double, above: Bool, textWidth: Double, lineHeight: Double) -> (x: Double, y: Double) {
    var tried: [(x: Double, y: Double)] = []
    for distance in 1...14 {
      for side in above ? [1.0, -1] : [-1, 1] {
        for left in [x - textWidth, x - textWidth / 2, x] {
          tried.append((left, y + side * (Double(distance) * lineHeight * 0.6 + lineHeight * 0.3)))
        }
      }
    }
    let inside = tried.filter { $0.x > 4 && $0.x + textWidth < width - 4 && $0.y > lineHeight && $0.y < height - 2 * lineHeight }
    // No position is free: the text covers a line, but stays within the plot.
    let last = (max(4, min(width - textWidth - 4, x - textWidth)), max(lineHeight, min(height - 2 * lineHeight, y)))
    return inside.first { isFree($0, textWidth, lineHeight) } ?? inside.first ?? last
  }

  private func isFree(_ place: (x: Double, y: Double), _ textWidth: Double, _ lineHeight: Double) -> Bool {
    let (left, right) = (place.x - 6, place.x + textWidth + 6)
    let (low, high) = (place.y - lineHeight * 0.55, place.y + lineHeight * 0.55)
    return lines.allSatisfy { line in
      zip(line, line.dropFirst()).allSatisfy { a, b in
        let (from, to) = (max(left, min(a.x, b.x)), min(right, max(a.x, b.x)))
        if from > to { return true }
        func height(_ x: Double) -> Double { a.x == b.x ? a.y : a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x) }
        let (one, other) = a.x == b.x ? (a.y, b.y) : (height(from), height(to))
        return max(one, other) < low || min(one, other) > high
      }
    }
  }
}

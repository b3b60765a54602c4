/// Moves overlapping labels apart, by the smallest distances.
enum LabelLayout {
  /// Positions at least `gap` apart, in the order of `wanted`, within `range` as far as they fit. A group of overlapping labels is
  /// centered at the mean of its wanted positions (pool adjacent violators).
  static func spread(_ wanted: [Double], gap: Double, in range: ClosedRange<Double>) -> [Double] {
    struct Group { var first: Int, count: Int, centre: Double }
    let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
    var groups: [Group] = []
    func half(_ group: Group) -> Double { Double(group.count - 1) * gap / 2 }
    func clamped(_ group: Group) -> Group {
      var result = group
      result.centre = max(range.lowerBound + half(group), min(range.upperBound - half(group), group.centre))
      return result
    }
    for (rank, index) in order.enumerated() {
      groups.append(clamped(Group(first: rank, count: 1, centre: wanted[index])))
      while groups.count > 1 {
        let (below, above) = (groups[groups.count - 2], groups[groups.count - 1])
        guard above.centre - half(above) - below.centre - half(below) < gap else { break }
        let members = order[below.first..<(above.first + above.count)].map { wanted[$0] }
        groups.removeLast(2)
        let mean = members.reduce(0, +) / Double(members.count)
        groups.append(clamped(Group(first: below.first, count: members.count, centre: mean)))
      }
    }
    var result = wanted
    for group in groups {
      for i in 0..<group.count { result[order[group.first + i]] = group.centre - half(group) + Double(i) * gap }
    }
    return result
  }
}

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
        // The last two have room for a vertical line through the point.
        for left in [x - textWidth, x - textWidth / 2, x, x - textWidth - 12, x + 12] {
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

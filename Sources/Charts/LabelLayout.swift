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

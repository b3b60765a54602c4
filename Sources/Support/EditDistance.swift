/// The edit distance between two words, for suggestions ("Did you mean …?").
package enum EditDistance {
  /// The nearest of `candidates`, the first of several.
  ///
  /// - Parameter limit: the greatest distance of a typing error.
  package static func nearest(to word: String, among candidates: [String], limit: Int) -> String? {
    var best: (word: String, distance: Int)?
    for candidate in candidates {
      let distance = between(word, candidate)
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.word
  }

  /// The number of insertions, deletions, replacements and swaps of adjacent characters between two words (optimal string alignment).
  package static func between(_ first: String, _ second: String) -> Int {
    let a = Array(first), b = Array(second)
    var before = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in a.indices {
      var current = [i + 1] + [Int](repeating: 0, count: b.count)
      for j in b.indices {
        let replaced = previous[j] + (a[i] == b[j] ? 0 : 1)
        current[j + 1] = min(replaced, previous[j + 1] + 1, current[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { current[j + 1] = min(current[j + 1], before[j - 1] + 1) }
      }
      (before, previous) = (previous, current)
    }
    return previous[b.count]
  }
}

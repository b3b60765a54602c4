import Processes

/// The rounds of one comparison.
struct Comparison {
  private(set) var ours: [ProcessResult] = []
  private(set) var beside: [ProcessResult] = []

  mutating func add(ours one: ProcessResult, beside other: ProcessResult) {
    ours.append(one)
    beside.append(other)
  }

  /// The median of the rounds' ratios.
  var ratio: Double { median(zip(ours, beside).map { $0.elapsed / $1.elapsed }) }
  var oursSeconds: Double { median(ours.map { $0.elapsed / .seconds(1) }) }
  var besideSeconds: Double { median(beside.map { $0.elapsed / .seconds(1) }) }
  /// The maximum of all rounds, in bytes.
  var peakMemory: Int { ours.map(\.peakMemory).max() ?? 0 }
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return .nan }
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// The least and greatest payload of a number field for each scale of a decimal: one comparison per bound, instead of the general check of each
/// constraint.
struct FastPathLimits {
  /// 19 entries each, for scale 0...18.
  private let least: [Int64]
  private let greatest: [Int64]

  /// Nil if the field has other constraints than a minimum and a maximum.
  init?(_ constraints: Constraints) {
    var rest = constraints
    rest.minimum = nil
    rest.maximum = nil
    if rest.hasConstraints { return nil }
    guard let least = Self.payloads(constraints.minimum, unbounded: .min, roundsUp: true),
      let greatest = Self.payloads(constraints.maximum, unbounded: .max, roundsUp: false)
    else { return nil }
    self.least = least
    self.greatest = greatest
  }

  @inline(__always)
  func hold(_ payload: Int64, scale: Int) -> Bool { payload >= least[scale] && payload <= greatest[scale] }

  private static func payloads(_ bound: Constraints.Bound?, unbounded: Int64, roundsUp: Bool) -> [Int64]? {
    guard let bound else { return Array(repeating: unbounded, count: 19) }
    guard bound.cell.kind == .integer || bound.cell.kind == .decimal else { return nil }
    var payloads: [Int64] = []
    var power: Int128 = 1
    var divisor: Int128 = 1
    for _ in 0..<bound.cell.scale { divisor *= 10 }
    for _ in 0...18 {
      let exact = Int128(bound.cell.payload) * power
      var value = exact / divisor
      if value * divisor != exact, (exact > 0) == roundsUp { value += roundsUp ? 1 : -1 }
      payloads.append(Int64(clamping: value))
      power *= 10
    }
    return payloads
  }
}

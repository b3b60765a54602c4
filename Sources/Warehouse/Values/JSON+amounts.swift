import Dataset
import Support

extension JSON {
  /// The exact number with its decimal places; null for nil.
  package static func amount(_ amount: FixedDecimal?) -> JSON { amount.map { .number($0.text) } ?? .null }

  /// The number rounded to `places`; null for nil, NaN and infinity.
  package static func rounded(_ number: Double?, places: Int) -> JSON {
    guard let number, number.isFinite, let amount = FixedDecimal(number, places: places) else { return .null }
    return .number(amount.trimmed.text)
  }
}

extension FixedDecimal {
  /// Rounds a binary number to `places` decimal places, halves away from zero; nil if it does not fit.
  package init?(_ number: Double, places: Int) {
    var scaled = number
    for _ in 0..<places { scaled *= 10 }
    scaled.round(.toNearestOrAwayFromZero)
    guard scaled.magnitude < 9e18 else { return nil }
    self.init(unscaled: Int64(scaled), scale: places)
  }
}

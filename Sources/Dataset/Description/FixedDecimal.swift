/// An exact decimal number of the description: `unscaled` × 10^-`scale`.
public struct FixedDecimal: Sendable, Equatable {
  /// The digits with their sign, without a decimal point.
  public let unscaled: Int64
  /// Decimal places.
  public let scale: Int

  /// Creates `unscaled` × 10^-`scale`.
  public init(unscaled: Int64, scale: Int = 0) {
    self.unscaled = unscaled
    self.scale = scale
  }

  /// The nearest binary number, for statistics; compare amounts of money by `unscaled`.
  public var double: Double {
    var divisor = 1.0
    for _ in 0..<scale { divisor *= 10 }
    return Double(unscaled) / divisor
  }
}

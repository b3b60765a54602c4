/// One step of a forecast, with the ranges that the value should lie in 80 and 95 times of a hundred.
public struct ForecastStep: Sendable, Equatable {
  /// 1 is the step after the last value.
  public let step: Int
  public let mean: Double
  public let standardError: Double

  public init(step: Int, mean: Double, standardError: Double) {
    self.step = step
    self.mean = mean
    self.standardError = standardError
  }

  /// Quantiles of the normal distribution at 0.9 and 0.975.
  static let z80 = 1.2815515655446004
  static let z95 = 1.959963984540054

  public var lower80: Double { mean - Self.z80 * standardError }
  public var upper80: Double { mean + Self.z80 * standardError }
  public var lower95: Double { mean - Self.z95 * standardError }
  public var upper95: Double { mean + Self.z95 * standardError }
}

/// One step of a forecast, with its 80 % and 95 % prediction intervals.
public struct ForecastStep: Sendable, Equatable {
  /// 1 is the step after the last value.
  public let step: Int
  /// The point forecast.
  public let mean: Double
  /// The standard error of the forecast, in the series' unit.
  public let standardError: Double

  /// Creates a step; the parameters are the properties above.
  public init(step: Int, mean: Double, standardError: Double) {
    self.step = step
    self.mean = mean
    self.standardError = standardError
  }

  /// Quantiles of the normal distribution at 0.9 and 0.975.
  static let z80 = 1.2815515655446004
  static let z95 = 1.959963984540054

  /// Lower bound of the 80 % interval.
  public var lower80: Double { mean - Self.z80 * standardError }
  /// Upper bound of the 80 % interval.
  public var upper80: Double { mean + Self.z80 * standardError }
  /// Lower bound of the 95 % interval.
  public var lower95: Double { mean - Self.z95 * standardError }
  /// Upper bound of the 95 % interval.
  public var upper95: Double { mean + Self.z95 * standardError }
}

/// Equally spaced values, oldest first, without gaps.
public struct TimeSeries: Sendable, Equatable {
  /// The values, all finite.
  public let values: [Double]
  /// Observations per season, usually a year: 4 for quarters, 12 for months, 1 for no season.
  public let period: Int

  /// The square of a larger value would overflow, that of a smaller one underflow.
  static let largest = 1e150
  static let smallest = 1e-140
  /// The most values that are supported: choosing the order and the backtest of a longer series would take more than 15 s.
  public static let longest = 2_000
  /// For a longer season, seasonal terms are not tried automatically: each costs period² numbers per step.
  static let longestTriedPeriod = 24
  /// The longest season that is supported: the state needs period² numbers at every step.
  public static let longestPeriod = 366

  /// Throws `notFinite`, `outOfRange`, `unsupported` (the period, or too many values) or `tooShort` (no values).
  public init(_ values: [Double], period: Int = 1) throws(ForecastingError) {
    guard !values.isEmpty else { throw ForecastingError(.tooShort, "the series is empty", advice: "give at least three values") }
    guard values.count <= Self.longest else {
      throw ForecastingError(
        .unsupported, "\(values.count) values are more than the \(Self.longest) that are supported",
        advice: "give the latest of them, or sums over longer periods")
    }
    guard (1...Self.longestPeriod).contains(period) else {
      throw ForecastingError(
        .unsupported, "a period of \(period) is not supported", advice: "give 1 to \(Self.longestPeriod): 4 for quarters, 12 for months")
    }
    var extreme = 0.0
    for (index, value) in values.enumerated() {
      guard value.isFinite else {
        throw ForecastingError(
          .notFinite, "value \(index + 1) is \(value)", advice: "give a number for every period: a gap cannot be modeled")
      }
      guard value.magnitude <= Self.largest else {
        throw ForecastingError(
          .outOfRange, "value \(index + 1) is \(value): above \(Self.largest)", advice: "give the series in a larger unit")
      }
      extreme = max(extreme, value.magnitude)
    }
    guard extreme == 0 || extreme >= Self.smallest else {
      throw ForecastingError(.outOfRange, "no value is above \(Self.smallest)", advice: "give the series in a smaller unit")
    }
    self.values = values
    self.period = period
  }

  /// The number of values.
  public var count: Int { values.count }

  /// The first `count` values: those known at an earlier origin.
  func prefix(_ count: Int) -> TimeSeries { TimeSeries(trusted: Array(values.prefix(count)), period: period) }

  init(trusted values: [Double], period: Int) {
    self.values = values
    self.period = period
  }
}

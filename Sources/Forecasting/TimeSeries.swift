/// Equally spaced values, oldest first, without gaps.
public struct TimeSeries: Sendable, Equatable {
  public let values: [Double]
  /// Observations a year (or whatever the season is): 4 for quarters, 12 for months, 1 for no season.
  public let period: Int

  /// Squares of larger values would overflow, of smaller ones vanish.
  static let largest = 1e150
  static let smallest = 1e-140
  /// A longer series is refused: choosing its order and the backtest would take more than 15 s.
  public static let longest = 2_000
  /// Past this length of a season no seasonal terms are tried by themselves: each costs period² numbers a step.
  static let longestTriedPeriod = 24
  /// A season longer than this is refused: its state would need period² numbers at every step.
  public static let longestPeriod = 366

  /// Throws `notFinite`, `outOfRange`, `unsupported` (the period) or `tooShort` (no value at all).
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
          .notFinite, "value \(index + 1) is \(value)", advice: "give a number for every period: a gap cannot be modelled")
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

  public var count: Int { values.count }

  /// The first `count` values: what was known at an earlier origin.
  func prefix(_ count: Int) -> TimeSeries { TimeSeries(trusted: Array(values.prefix(count)), period: period) }

  init(trusted values: [Double], period: Int) {
    self.values = values
    self.period = period
  }
}

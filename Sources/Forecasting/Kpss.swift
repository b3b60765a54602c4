/// The KPSS test for stationarity around a level (Kwiatkowski, Phillips, Schmidt & Shin 1992, Journal of Econometrics 54:159).
public struct Kpss: Sendable, Equatable {
  /// The test statistic; 0 for a series that does not vary.
  public let statistic: Double
  /// Number of autocovariances in the long-run variance, which have Bartlett's weights.
  public let lags: Int

  /// Table 1 of the paper, for a level: the values that a stationary series exceeds with these probabilities.
  public static let criticalValues: [(probability: Double, value: Double)] = [(0.10, 0.347), (0.05, 0.463), (0.025, 0.574), (0.01, 0.739)]
  /// The 5 % value: above it the series is differenced.
  public static let limit = 0.463

  /// ⌊3√n / 13⌋, as in R's `forecast::ndiffs`.
  public static func lags(count: Int) -> Int { Int(3 * Double(count).squareRoot() / 13) }

  /// Tests `values` with the default number of lags.
  public init(_ values: [Double]) { self.init(values, lags: Self.lags(count: values.count)) }

  /// Tests `values` with `lags` autocovariances.
  public init(_ values: [Double], lags: Int) {
    self.lags = lags
    let n = Double(values.count)
    let mean = values.reduce(0, +) / max(1, n)
    let largest = values.reduce(0) { max($0, ($1 - mean).magnitude) }
    // A series that does not vary is stationary, even if it has rounding errors.
    guard largest > mean.magnitude * 1e-13, largest > 0 else {
      statistic = 0
      return
    }
    let errors = values.map { ($0 - mean) / largest }
    var (sum, squares, partial) = (0.0, 0.0, 0.0)
    for error in errors {
      partial += error
      sum += partial * partial
      squares += error * error
    }
    var variance = squares
    for k in 1..<max(1, min(lags, values.count - 1) + 1) {
      var product = 0.0
      for t in k..<errors.count { product += errors[t] * errors[t - k] }
      variance += 2 * (1 - Double(k) / Double(lags + 1)) * product
    }
    statistic = sum / (n * n) / (variance / n)
  }

  /// False if a stationary series would have such a statistic with a probability of at most 5 %.
  public var isStationary: Bool { statistic <= Self.limit }
}

/// Whether a series is stationary around a level (Kwiatkowski, Phillips, Schmidt & Shin 1992, Journal of Econometrics 54:159).
public struct Kpss: Sendable, Equatable {
  public let statistic: Double
  /// Autocovariances in the long-run variance, with Bartlett's weights.
  public let lags: Int

  /// The paper's table 1, for a level: where a stationary series comes with these probabilities.
  public static let criticalValues: [(probability: Double, value: Double)] = [(0.10, 0.347), (0.05, 0.463), (0.025, 0.574), (0.01, 0.739)]
  /// The 5 % value: above it the series is differenced.
  public static let limit = 0.463

  /// ⌊3√n / 13⌋, as R's `forecast::ndiffs` counts them.
  public static func lags(count: Int) -> Int { Int(3 * Double(count).squareRoot() / 13) }

  public init(_ values: [Double]) { self.init(values, lags: Self.lags(count: values.count)) }

  public init(_ values: [Double], lags: Int) {
    self.lags = lags
    let n = Double(values.count)
    let mean = values.reduce(0, +) / max(1, n)
    let largest = values.reduce(0) { max($0, ($1 - mean).magnitude) }
    // A series that does not vary is stationary; a line of rounding errors is one too.
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

  /// False where a stationary series would come out so only once in twenty times.
  public var isStationary: Bool { statistic <= Self.limit }
}

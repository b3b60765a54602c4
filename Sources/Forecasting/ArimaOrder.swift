/// The order of a seasonal ARIMA model, (p,d,q)(P,D,Q)s, and whether it has a drift in addition.
///
/// φ(B) Φ(Bˢ) ((1−B)ᵈ (1−Bˢ)ᴰ yₜ − c) = θ(B) Θ(Bˢ) εₜ (Box & Jenkins 1970), with φ(B) = 1 − φ₁B − …, θ(B) = 1 + θ₁B + ….
public struct ArimaOrder: Sendable, Hashable, CustomStringConvertible {
  /// Autoregressive terms.
  public let p: Int
  /// Differences.
  public let d: Int
  /// Moving average terms.
  public let q: Int
  /// The seasonal terms.
  public let seasonal: Seasonal
  /// The length of the season; 1 if the model has none.
  public let period: Int
  /// True if the once differenced series has a constant, which is the slope of the forecasts.
  public let drift: Bool

  /// The seasonal terms (P,D,Q).
  public struct Seasonal: Sendable, Hashable {
    /// Seasonal autoregressive terms.
    public let p: Int
    /// Seasonal differences.
    public let d: Int
    /// Seasonal moving average terms.
    public let q: Int
    /// Creates (P,D,Q).
    public init(_ p: Int, _ d: Int, _ q: Int) {
      self.p = p
      self.d = d
      self.q = q
    }
    /// No seasonal terms.
    public static let none = Seasonal(0, 0, 0)
  }

  static let largestTerm = 12
  static let largestDifference = 3
  static let largestState = 400

  /// Throws `unsupported` for negative or very large terms, for seasonal terms without a period, and for drift unless exactly one difference is taken.
  public init(
    _ p: Int, _ d: Int, _ q: Int, seasonal: Seasonal = .none, period: Int = 1, drift: Bool = false
  ) throws(ForecastingError) {
    self.init(checked: (p, d, q), seasonal: seasonal, period: period, drift: drift)
    let terms = [p, q, seasonal.p, seasonal.q]
    guard terms.allSatisfy({ (0...Self.largestTerm).contains($0) }), d >= 0, seasonal.d >= 0, d + seasonal.d <= Self.largestDifference
    else {
      throw Self.refusal(
        "the order \(self) is not supported",
        "give terms of 0 to \(Self.largestTerm), and at most \(Self.largestDifference) differences in all")
    }
    guard period >= 1, period <= TimeSeries.longestPeriod, period > 1 || seasonal == .none else {
      throw Self.refusal("seasonal terms need a period above 1, not \(period)", "give the series' period: 4 for quarters, 12 for months")
    }
    guard !drift || differences == 1 else {
      throw Self.refusal(
        "drift is a constant in the once differenced series, and \(self) takes \(differences) differences",
        differences == 0 ? "leave drift out: a model without differences has a mean" : "leave drift out, or take one difference less")
    }
    guard max(arLength, maLength + 1) <= Self.largestState else {
      throw Self.refusal("the order \(self) reaches \(max(arLength, maLength)) periods back", "take fewer seasonal terms")
    }
  }

  /// For orders that are valid by construction.
  init(checked order: (Int, Int, Int), seasonal: Seasonal = .none, period: Int = 1, drift: Bool = false) {
    (p, d, q) = order
    self.seasonal = seasonal
    self.period = seasonal == .none ? 1 : period
    self.drift = drift
  }

  /// Ordinary and seasonal differences together.
  public var differences: Int { d + seasonal.d }
  /// Values that differencing removes from the start of the series.
  public var lost: Int { d + seasonal.d * period }
  /// True if the model has a mean (no differences) or a drift.
  public var hasConstant: Bool { drift || differences == 0 }
  /// Coefficients in the search for the maximum likelihood (constant and sigma² are concentrated out).
  var coefficients: Int { p + q + seasonal.p + seasonal.q }
  /// The number of estimated parameters: coefficients, constant and sigma².
  public var parameters: Int { coefficients + (hasConstant ? 1 : 0) + 1 }
  var arLength: Int { p + seasonal.p * period }
  var maLength: Int { q + seasonal.q * period }

  /// For example `(0,1,1)(0,1,1)4 with drift`.
  public var description: String {
    let season = seasonal == .none ? "" : "(\(seasonal.p),\(seasonal.d),\(seasonal.q))\(period)"
    return "(\(p),\(d),\(q))\(season)\(drift ? " with drift" : "")"
  }

  private static func refusal(_ message: String, _ advice: String) -> ForecastingError {
    ForecastingError(.unsupported, message, advice: advice)
  }
}

/// The order of a seasonal ARIMA model, (p,d,q)(P,D,Q)s, and whether it has a constant on top of what its differences allow.
///
/// φ(B) Φ(Bˢ) ((1−B)ᵈ (1−Bˢ)ᴰ yₜ − c) = θ(B) Θ(Bˢ) εₜ (Box & Jenkins 1970), with φ(B) = 1 − φ₁B − …, θ(B) = 1 + θ₁B + ….
public struct ArimaOrder: Sendable, Hashable, CustomStringConvertible {
  public let p: Int
  public let d: Int
  public let q: Int
  public let seasonal: Seasonal
  /// The season's length; 1 where the model has none.
  public let period: Int
  /// A constant in the once differenced series: the line that the forecasts rise along.
  public let drift: Bool

  public struct Seasonal: Sendable, Hashable {
    public let p: Int
    public let d: Int
    public let q: Int
    public init(_ p: Int, _ d: Int, _ q: Int) {
      self.p = p
      self.d = d
      self.q = q
    }
    public static let none = Seasonal(0, 0, 0)
  }

  static let largestTerm = 12
  static let largestDifference = 3
  static let largestState = 400

  /// Throws `unsupported`: negative or huge terms, a season without a period, drift where nothing or more than one difference is taken.
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
        differences == 0 ? "leave drift out: a model that differences nothing has a mean" : "leave drift out, or take one difference less")
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

  public var differences: Int { d + seasonal.d }
  /// Values that differencing takes from the start of the series.
  public var lost: Int { d + seasonal.d * period }
  /// A mean where nothing is differenced; drift where it was asked for.
  public var hasConstant: Bool { drift || differences == 0 }
  /// Coefficients that the likelihood is searched over (constant and sigma² are concentrated out of it).
  var coefficients: Int { p + q + seasonal.p + seasonal.q }
  /// Everything that is estimated: coefficients, constant, sigma².
  public var parameters: Int { coefficients + (hasConstant ? 1 : 0) + 1 }
  var arLength: Int { p + seasonal.p * period }
  var maLength: Int { q + seasonal.q * period }

  public var description: String {
    let season = seasonal == .none ? "" : "(\(seasonal.p),\(seasonal.d),\(seasonal.q))\(period)"
    return "(\(p),\(d),\(q))\(season)\(drift ? " with drift" : "")"
  }

  private static func refusal(_ message: String, _ advice: String) -> ForecastingError {
    ForecastingError(.unsupported, message, advice: advice)
  }
}

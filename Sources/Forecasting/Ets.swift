import Glibc

/// Exponential smoothing as a state space model with additive errors (Hyndman, Koehler, Ord & Snyder 2008): level, perhaps a trend (plain
/// or damped), perhaps a season.
///
/// yₜ = l + φb + s + εₜ; l ← l + φb + αεₜ; b ← φb + βεₜ; s ← s + γεₜ. The innovations are linear in the initial states, so these are the
/// least squares solution for any α, β, γ, φ, and the search is over the latter alone.
public struct Ets: Sendable {
  public enum Trend: Sendable, CaseIterable { case none, additive, damped }

  public let trend: Trend
  public let isSeasonal: Bool
  public let alpha: Double
  public let beta: Double
  public let gamma: Double
  public let phi: Double
  /// Divided by n less the estimated numbers: the bands of a short series are not too narrow.
  public let sigma2: Double
  public let logLikelihood: Double
  public let aicc: Double?
  public let series: TimeSeries
  let endLevel: Double
  let endTrend: Double
  /// The next season's values, next step first; empty without a season.
  let endSeason: [Double]

  /// ETS(A,N,N) is simple smoothing, (A,A,N) Holt's line, (A,Ad,N) the damped line; a last A stands for a season.
  public var name: String {
    let middle =
      switch trend {
      case .none: "N"
      case .additive: "A"
      case .damped: "Ad"
      }
    return "ETS(A,\(middle),\(isSeasonal ? "A" : "N"))"
  }

  /// The model of the lowest AICc; seasonal ones are tried where the season's strength is above `SeasonalDecomposition.limit`.
  /// Throws `tooShort` or `constant`.
  public static func choose(_ series: TimeSeries) throws(ForecastingError) -> Ets {
    let strength = series.period <= TimeSeries.longestTriedPeriod ? SeasonalDecomposition(series)?.strength ?? 0 : 0
    let seasonal = strength > SeasonalDecomposition.limit
    var best: Ets?
    for trend in Trend.allCases {
      for isSeasonal in seasonal ? [false, true] : [false] {
        guard let model = try? fit(series, trend: trend, isSeasonal: isSeasonal) else { continue }
        if (model.aicc ?? .infinity) < (best?.aicc ?? .infinity) { best = model }
      }
    }
    if let best { return best }
    return try fit(series, trend: .none, isSeasonal: false)
  }

  /// Means, and the exact variances of the linear model: σ² (1 + Σ cⱼ²), cⱼ = α + β(φ + … + φʲ) + γ[j ≡ 0 mod m] (ibid., §6.3).
  public func forecast(_ horizon: Int) -> [ForecastStep] {
    var (sumPhi, power, variance) = (0.0, 1.0, sigma2)
    return (1...max(1, horizon)).map { h in
      power *= phi
      sumPhi += power
      let season = isSeasonal ? endSeason[(h - 1) % endSeason.count] : 0
      let step = ForecastStep(step: h, mean: endLevel + sumPhi * endTrend + season, standardError: variance.squareRoot())
      let c = alpha + beta * sumPhi + (isSeasonal && h.isMultiple(of: endSeason.count) ? gamma : 0)
      variance += sigma2 * c * c
      return step
    }
  }
}

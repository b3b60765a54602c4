import Glibc

/// Exponential smoothing as a state space model with additive errors (Hyndman, Koehler, Ord & Snyder 2008): level, optionally a trend (additive
/// or damped), optionally a season.
///
/// yₜ = l + φb + s + εₜ; l ← l + φb + αεₜ; b ← φb + βεₜ; s ← s + γεₜ. The innovations are linear in the initial states, so these are the
/// least squares solution for any α, β, γ, φ, and only the latter are searched.
public struct Ets: Sendable {
  /// The forms of the trend.
  public enum Trend: Sendable, CaseIterable { case none, additive, damped }

  /// The form of the trend.
  public let trend: Trend
  /// True if the model has a season.
  public let isSeasonal: Bool
  /// Smoothing weight of the level.
  public let alpha: Double
  /// Smoothing weight of the trend; 0 without a trend.
  public let beta: Double
  /// Smoothing weight of the season; 0 without a season.
  public let gamma: Double
  /// Damping of the trend: 1 for an additive trend, 0 without a trend.
  public let phi: Double
  /// Variance of the innovations, in the unit squared. Divided by n minus the number of estimated parameters, so that the intervals of a short series are
  /// not too narrow.
  public let sigma2: Double
  /// Log likelihood, in the series' unit.
  public let logLikelihood: Double
  /// AICc as for ``Arima``; nil if n is too small for the correction.
  public let aicc: Double?
  /// The series that the model was fitted to.
  public let series: TimeSeries
  let endLevel: Double
  let endTrend: Double
  /// The next season's values, next step first; empty without a season.
  let endSeason: [Double]

  /// ETS(A,N,N) is simple smoothing, (A,A,N) Holt's linear trend, (A,Ad,N) the damped trend; A in the last position is a season.
  public var name: String {
    let middle =
      switch trend {
      case .none: "N"
      case .additive: "A"
      case .damped: "Ad"
      }
    return "ETS(A,\(middle),\(isSeasonal ? "A" : "N"))"
  }

  /// The model with the lowest AICc. Seasonal models are tried if the season's strength is above `SeasonalDecomposition.limit`.
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

  /// Forecasts `horizon` steps ahead, with the exact variances of the linear model: σ² (1 + Σ cⱼ²), cⱼ = α + β(φ + … + φʲ) + γ[j ≡ 0 mod m] (ibid., §6.3).
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

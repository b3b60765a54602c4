import Glibc
import Support

/// Exponential smoothing as a state space model with additive errors (Hyndman, Koehler, Ord & Snyder 2008): level, optionally a trend (additive
/// or damped), optionally a season.
///
/// yₜ = l + φb + s + εₜ; l ← l + φb + αεₜ; b ← φb + βεₜ; s ← s + γεₜ. The innovations are linear in the initial states, so these are the
/// least squares solution for any α, β, γ, φ, and only the latter are searched.
package struct Ets: Sendable {
  /// The forms of the trend.
  package enum Trend: Sendable, CaseIterable { case none, additive, damped }

  /// The form of the trend.
  package let trend: Trend
  /// True if the model has a season.
  package let isSeasonal: Bool
  /// Smoothing weight of the level.
  package let alpha: Double
  /// Smoothing weight of the trend; 0 without a trend.
  package let beta: Double
  /// Smoothing weight of the season; 0 without a season.
  package let gamma: Double
  /// Damping of the trend: 1 for an additive trend, 0 without a trend.
  package let phi: Double
  /// Variance of the innovations, in the unit squared. Divided by n minus the number of estimated parameters, so that the intervals of a short series are
  /// not too narrow.
  package let sigma2: Double
  /// Log likelihood, in the series' unit.
  package let logLikelihood: Double
  /// AICc as for ``Arima``; nil if n is too small for the correction.
  package let aicc: Double?
  /// The series that the model was fitted to.
  package let series: TimeSeries
  let endLevel: Double
  let endTrend: Double
  /// The next season's values, next step first; empty without a season.
  let endSeason: [Double]

  /// ETS(A,N,N) is simple smoothing, (A,A,N) Holt's linear trend, (A,Ad,N) the damped trend; A in the last position is a season.
  package var name: String {
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
  package static func choose(_ series: TimeSeries) throws(ForecastingError) -> Ets {
    let strength = series.period <= TimeSeries.maxTriedPeriod ? SeasonalDecomposition(series)?.strength ?? 0 : 0
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
  package func forecast(_ horizon: Int) -> [ForecastStep] {
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

extension Ets {
  /// Fits one form of the model by maximum likelihood. Throws `tooShort` or `constant`.
  package static func fit(_ series: TimeSeries, trend: Trend, isSeasonal: Bool) throws(ForecastingError) -> Ets {
    let m = isSeasonal ? series.period : 1
    let states = 1 + (trend == .none ? 0 : 1) + (isSeasonal ? m - 1 : 0)
    let free = 1 + (trend == .none ? 0 : 1) + (isSeasonal ? 1 : 0) + (trend == .damped ? 1 : 0)
    let k = states + free + 1
    let n = series.count
    guard n >= k + 2 else {
      throw ForecastingError(
        .tooShort, "smoothing estimates \(k) numbers from \(counted(n, "value"))", hint: "give at least \(k + 2) values")
    }
    let center = series.values.reduce(0, +) / Double(n)
    let centered = series.values.map { $0 - center }
    let scale = (centered.reduce(0) { $0 + $1 * $1 } / Double(n)).squareRoot()
    guard scale > series.values.reduce(0, { max($0, $1.magnitude) }) * 1e-13 else {
      throw ForecastingError(.constant, "the series does not vary", hint: "no model is needed: the forecast continues it")
    }
    let y = centered.map { $0 / scale }
    let found = Minimizer.minimize(free, reach: 2.5, effort: .fast) { point in
      let run = smooth(y, Smoothing(point, trend: trend, isSeasonal: isSeasonal), trend: trend, m: m)
      return run.sum > 1e-24 ? 0.5 * log(run.sum / Double(n)) : .infinity
    }
    let weights = Smoothing(found.point, trend: trend, isSeasonal: isSeasonal)
    let run = smooth(y, weights, trend: trend, m: m)
    guard found.value.isFinite, run.sum > 1e-24 else {
      throw ForecastingError(.constant, "smoothing leaves no noise", hint: "no model is needed: the forecast continues it")
    }
    let count = Double(n)
    let logLikelihood = -0.5 * count * (log(2 * .pi * run.sum / count) + 1) - count * log(scale)
    let room = count - Double(k) - 1
    let penalty = 2 * Double(k) + 2 * Double(k * (k + 1)) / room
    return Ets(
      trend: trend, isSeasonal: isSeasonal, alpha: weights.alpha, beta: weights.beta, gamma: weights.gamma, phi: weights.phi,
      sigma2: run.sum / (count - Double(k - 1)) * scale * scale, logLikelihood: logLikelihood,
      aicc: room > 0 ? penalty - 2 * logLikelihood : nil, series: series,
      endLevel: run.end[0] * scale + center, endTrend: run.end[1] * scale,
      endSeason: isSeasonal ? (0..<m).map { run.end[2 + (n + $0) % m] * scale } : [])
  }

  /// Weights within the usual region: 0 < α < 1, 0 < β < α, 0 < γ < 1 − α, 0.8 < φ < 0.98 (Hyndman et al. 2008, §2.3 and §3.4).
  private struct Smoothing {
    let alpha: Double, beta: Double, gamma: Double, phi: Double

    init(_ free: [Double], trend: Trend, isSeasonal: Bool) {
      func within(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
      var next = 1
      func take() -> Double {
        defer { next += 1 }
        return within(free[next])
      }
      alpha = within(free[0])
      beta = trend == .none ? 0 : alpha * take()
      gamma = isSeasonal ? (1 - alpha) * take() : 0
      phi = trend == .none ? 0 : trend == .additive ? 1 : 0.8 + 0.18 * take()
    }
  }

  /// The sum of squared innovations at the best initial states, and the final state (level, trend, seasons by position).
  private static func smooth(_ y: [Double], _ w: Smoothing, trend: Trend, m: Int) -> (sum: Double, end: [Double]) {
    // Column 0 filters the data from a zero state; each other column filters zeros from one unit of an initial state: e = e₀ − Σ xⱼ eⱼ.
    let hasTrend = trend != .none
    let size = 2 + (m > 1 ? m : 0)
    var starts: [[Double]] = [[Double](repeating: 0, count: size)]
    func unit(_ index: Int) -> [Double] {
      var state = starts[0]
      state[index] = 1
      return state
    }
    starts.append(unit(0))
    if hasTrend { starts.append(unit(1)) }
    for place in 0..<max(0, m - 1) {
      // Seasons sum to zero: the last position is minus the sum of the others.
      var state = unit(2 + place)
      state[2 + m - 1] = -1
      starts.append(state)
    }
    var errors: [[Double]] = []
    for column in starts.indices {
      var (level, slope) = (starts[column][0], starts[column][1])
      var own: [Double] = []
      own.reserveCapacity(y.count)
      for t in y.indices {
        let place = m > 1 ? 2 + t % m : 0
        let ahead = level + w.phi * slope
        let expected = m > 1 ? ahead + starts[column][place] : ahead
        let error = (column == 0 ? y[t] : 0) - expected
        level = ahead + w.alpha * error
        slope = w.phi * slope + w.beta * error
        if m > 1 { starts[column][place] += w.gamma * error }
        own.append(error)
      }
      starts[column][0] = level
      starts[column][1] = slope
      errors.append(own)
    }
    let unknown = starts.count - 1
    var (system, side) = ([Double](repeating: 0, count: unknown * unknown), [Double](repeating: 0, count: unknown))
    for i in 0..<unknown {
      for j in 0..<unknown { system[i * unknown + j] = zip(errors[i + 1], errors[j + 1]).reduce(0) { $0 + $1.0 * $1.1 } }
      side[i] = -zip(errors[i + 1], errors[0]).reduce(0) { $0 + $1.0 * $1.1 }
    }
    guard LinearSystem.solve(&system, &side) else { return (0, starts[0]) }
    var (error, end) = (errors[0], starts[0])
    for i in 0..<unknown {
      for t in error.indices { error[t] += side[i] * errors[i + 1][t] }
      for s in end.indices { end[s] += side[i] * starts[i + 1][s] }
    }
    return (error.reduce(0) { $0 + $1 * $1 }, end)
  }
}

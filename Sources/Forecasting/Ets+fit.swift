import Glibc

extension Ets {
  /// Fits one form of the model by maximum likelihood. Throws `tooShort` or `constant`.
  public static func fit(_ series: TimeSeries, trend: Trend, isSeasonal: Bool) throws(ForecastingError) -> Ets {
    let m = isSeasonal ? series.period : 1
    let states = 1 + (trend == .none ? 0 : 1) + (isSeasonal ? m - 1 : 0)
    let free = 1 + (trend == .none ? 0 : 1) + (isSeasonal ? 1 : 0) + (trend == .damped ? 1 : 0)
    let k = states + free + 1
    let n = series.count
    guard n >= k + 2 else {
      throw ForecastingError(.tooShort, "smoothing estimates \(k) numbers of \(n) values", advice: "give at least \(k + 2) values")
    }
    let centre = series.values.reduce(0, +) / Double(n)
    let centred = series.values.map { $0 - centre }
    let scale = (centred.reduce(0) { $0 + $1 * $1 } / Double(n)).squareRoot()
    guard scale > series.values.reduce(0, { max($0, $1.magnitude) }) * 1e-13 else {
      throw ForecastingError(.constant, "the series does not vary", advice: "no model is needed: the forecast continues it")
    }
    let y = centred.map { $0 / scale }
    let found = Minimizer.minimise(free, reach: 2.5, effort: .brisk) { point in
      let run = smooth(y, Smoothing(point, trend: trend, isSeasonal: isSeasonal), trend: trend, m: m)
      return run.sum > 1e-24 ? 0.5 * log(run.sum / Double(n)) : .infinity
    }
    let weights = Smoothing(found.point, trend: trend, isSeasonal: isSeasonal)
    let run = smooth(y, weights, trend: trend, m: m)
    guard found.value.isFinite, run.sum > 1e-24 else {
      throw ForecastingError(.constant, "smoothing leaves no noise", advice: "no model is needed: the forecast continues it")
    }
    let count = Double(n)
    let logLikelihood = -0.5 * count * (log(2 * .pi * run.sum / count) + 1) - count * log(scale)
    let room = count - Double(k) - 1
    let penalty = 2 * Double(k) + 2 * Double(k * (k + 1)) / room
    return Ets(
      trend: trend, isSeasonal: isSeasonal, alpha: weights.alpha, beta: weights.beta, gamma: weights.gamma, phi: weights.phi,
      sigma2: run.sum / (count - Double(k - 1)) * scale * scale, logLikelihood: logLikelihood,
      aicc: room > 0 ? penalty - 2 * logLikelihood : nil, series: series,
      endLevel: run.end[0] * scale + centre, endTrend: run.end[1] * scale,
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

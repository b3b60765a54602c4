extension Arima {
  /// Forecasts `horizon` steps ahead, with the exact variances of the fitted model (its parameters are taken as known, as in R and statsmodels).
  ///
  /// The error of step h is v·(state error) + Σ ψⱼ εₙ₊ₕ₋ⱼ, where v sums the effect of the state through the differencing, and ψ are the weights of the
  /// full, integrated model (Box & Jenkins 1970, §5.1). Throws `unsupported` for a horizon outside 1…1000, and `outOfRange` if the forecast overflows.
  public func forecast(_ horizon: Int) throws(ForecastingError) -> [ForecastStep] {
    guard (1...1000).contains(horizon) else {
      throw ForecastingError(.unsupported, "a horizon of \(horizon) is not supported", advice: "give 1 to 1000 steps")
    }
    let n = endState.count
    let ar = padded(coefficients.expandedAR(period: order.period), n)
    let differencing = LagPolynomial.differencing(order)
    let summing = LagPolynomial.inverse(differencing, count: horizon)
    let psi = wholePsi(horizon, summing: summing)

    var state = endState
    var known = series.values
    var loads: [[Double]] = []
    var load = [Double](repeating: 0, count: n)
    load[0] = 1
    var steps: [ForecastStep] = []
    var noise = 0.0
    for h in 1...horizon {
      let differenced = level + scale * state[0]
      var mean = differenced
      for j in 1..<max(1, differencing.count) { mean -= differencing[j] * known[known.count - j] }
      known.append(mean)

      loads.append(load)
      var v = [Double](repeating: 0, count: n)
      for k in 1...h { for i in 0..<n { v[i] += summing[h - k] * loads[k - 1][i] } }
      if h > 1 { noise += psi[h - 2] * psi[h - 2] * sigma2 }
      let variance = quadratic(v) * sigma2 + noise
      steps.append(ForecastStep(step: h, mean: mean, standardError: max(0, variance).squareRoot()))

      let first = state[0]
      for i in 0..<n { state[i] = ar[i] * first + (i + 1 < n ? state[i + 1] : 0) }
      // load ← load T, for the companion matrix T.
      var next = [Double](repeating: 0, count: n)
      for i in 0..<n {
        next[0] += load[i] * ar[i]
        if i + 1 < n { next[i + 1] = load[i] }
      }
      load = next
    }
    guard steps.allSatisfy({ $0.mean.isFinite && $0.standardError.isFinite }) else {
      throw ForecastingError(.outOfRange, "the forecast leaves the range of a Double", advice: "give the series in a larger unit")
    }
    return steps
  }

  /// ψ weights of the full model, including its differences.
  private func wholePsi(_ count: Int, summing: [Double]) -> [Double] {
    let length = max(count, endState.count)
    let own = StationaryCovariance.psiWeights(
      ar: padded(coefficients.expandedAR(period: order.period), length),
      r: padded([1] + coefficients.expandedMA(period: order.period), length))
    return (0..<count).map { i in (0...i).reduce(0.0) { $0 + own[$1] * summing[i - $1] } }
  }

  private func padded(_ values: [Double], _ count: Int) -> [Double] {
    values + [Double](repeating: 0, count: max(0, count - values.count))
  }

  /// vᵀ P v; the filter keeps the upper half of P.
  private func quadratic(_ v: [Double]) -> Double {
    let n = v.count
    var sum = 0.0
    for i in 0..<n {
      sum += v[i] * v[i] * endCovariance[i * n + i]
      for j in (i + 1)..<max(i + 1, n) { sum += 2 * v[i] * v[j] * endCovariance[i * n + j] }
    }
    return sum
  }
}

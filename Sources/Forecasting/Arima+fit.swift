import Glibc

extension Arima {
  /// Fits the model by exact maximum likelihood.
  ///
  /// The differenced series is standardized first, so that the fit does not depend on its unit. Throws `tooShort`, `constant` or `noFit`.
  public static func fit(_ series: TimeSeries, order: ArimaOrder) throws(ForecastingError) -> Arima {
    try fit(series, order: order, effort: .thorough)
  }

  static func fit(_ series: TimeSeries, order: ArimaOrder, effort: Minimizer.Effort) throws(ForecastingError) -> Arima {
    let differenced = try standardise(series, order: order)
    var filter = ArmaFilter(differenced.values, hasMean: order.hasConstant)
    let found = Minimizer.minimise(order.coefficients, reach: 1.8, effort: effort) { free in
      let tried = ArmaCoefficients(free: free, order: order)
      return filter.run(ar: tried.expandedAR(period: order.period), ma: tried.expandedMA(period: order.period))
    }
    let coefficients = ArmaCoefficients(free: found.point, order: order)
    let value = filter.run(
      ar: coefficients.expandedAR(period: order.period), ma: coefficients.expandedMA(period: order.period), keeping: true)
    guard value.isFinite else {
      throw ForecastingError(.noFit, "ARIMA\(order) has no finite likelihood on this series", advice: "take a smaller order")
    }
    let n = Double(differenced.values.count)
    let level = differenced.centre + differenced.scale * filter.mean
    return Arima(
      order: order, coefficients: coefficients,
      constant: order.hasConstant ? level / (order.d == 0 && order.drift ? Double(order.period) : 1) : nil,
      sigma2: filter.sigma2 * differenced.scale * differenced.scale,
      logLikelihood: -n * (value + 0.5 * (log(2 * .pi) + 1) + log(differenced.scale)),
      n: differenced.values.count, residuals: filter.residuals.map { $0 * differenced.scale }, series: series,
      endState: filter.state, endCovariance: filter.covariance, scale: differenced.scale, level: order.hasConstant ? level : 0)
  }

  private struct Standardized { let values: [Double], centre: Double, scale: Double }

  private static func standardise(_ series: TimeSeries, order: ArimaOrder) throws(ForecastingError) -> Standardized {
    let left = series.count - order.lost
    guard left >= order.parameters + 1 else {
      throw ForecastingError(
        .tooShort, "ARIMA\(order) estimates \(order.parameters) numbers and differencing leaves \(max(0, left)) of \(series.count) values",
        advice: "give at least \(order.lost + order.parameters + 1) values, or take a smaller order")
    }
    let largest = series.values.reduce(0) { max($0, $1.magnitude) }
    let differenced = LagPolynomial.apply(LagPolynomial.differencing(order), to: series.values)
    let mean = differenced.reduce(0, +) / Double(left)
    // Differencing a straight line leaves only the rounding errors of its values. That also holds without a constant: a line has no noise to estimate.
    guard differenced.contains(where: { ($0 - mean).magnitude > largest * 1e-13 }) else {
      throw ForecastingError(
        .constant, "the series is constant after the differencing of ARIMA\(order): it has no noise to estimate",
        advice: "no model is needed: the forecast continues it exactly")
    }
    let centre = order.hasConstant ? mean : 0
    let values = differenced.map { $0 - centre }
    let scale = (values.reduce(0) { $0 + $1 * $1 } / Double(left)).squareRoot()
    return Standardized(values: values.map { $0 / scale }, centre: centre, scale: scale)
  }

  /// The model of a series without noise: constant, on a straight line, with a repeating season, or a combination of these, and curves whose second
  /// differences are constant. Nil for any other series, and for one that is too short to tell.
  ///
  /// It takes the fewest differences after which the series is constant; sigma² is 0, and the forecast continues the series exactly.
  static func exact(_ series: TimeSeries) -> Arima? {
    for seasonal in series.period > 1 ? [0, 1] : [0] {
      for d in 0...2 {
        let plain = ArimaOrder(checked: (0, d, 0), seasonal: .init(0, seasonal, 0), period: series.period)
        // Any two values lie on a line, any three on a parabola, and a single season always repeats itself: more values are needed.
        let left = series.count - plain.lost
        guard left >= max(2 + max(1, d + seasonal), seasonal * series.period) else { continue }
        let differenced = LagPolynomial.apply(LagPolynomial.differencing(plain), to: series.values)
        guard let level = level(of: differenced, in: series) else { continue }
        let rises = plain.differences == 1 && level != 0
        let order = ArimaOrder(checked: (0, d, 0), seasonal: plain.seasonal, period: series.period, drift: rises)
        return Arima(
          order: order, coefficients: ArmaCoefficients(free: [], order: order),
          constant: order.hasConstant ? level / (d == 0 && rises ? Double(order.period) : 1) : nil, sigma2: 0, logLikelihood: .infinity,
          n: left, residuals: [Double](repeating: 0, count: left), series: series, endState: [0], endCovariance: [0], scale: 1, level: level
        )
      }
    }
    return nil
  }

  /// The common value of all, apart from rounding errors of the series' values; nil if they vary.
  private static func level(of differenced: [Double], in series: TimeSeries) -> Double? {
    let largest = series.values.reduce(0) { max($0, $1.magnitude) }
    let mean = differenced.reduce(0, +) / Double(max(1, differenced.count))
    guard differenced.allSatisfy({ ($0 - mean).magnitude <= largest * 1e-13 }) else { return nil }
    if let first = differenced.first, differenced.allSatisfy({ $0 == first }) { return first }
    return mean.magnitude <= largest * 1e-13 ? 0 : mean
  }
}

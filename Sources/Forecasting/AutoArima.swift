import Support

/// Chooses an order: the number of differences by tests, since likelihoods of differently differenced series are not comparable; the other terms
/// by AICc over a grid.
package struct AutoArima: Sendable {
  /// The search grid; every combination within it is tried.
  package struct Grid: Sendable, Equatable {
    /// The most autoregressive terms.
    package var p = 3
    /// The most moving average terms.
    package var q = 3
    /// The most seasonal autoregressive terms.
    package var seasonalP = 1
    /// The most seasonal moving average terms.
    package var seasonalQ = 1
    /// The most coefficients in one model.
    package var coefficients = 5
    /// The default grid.
    package init() {}
  }

  /// A model whose AICc is this close to the lowest has substantial support (Burnham & Anderson 2002, §2.6).
  package static let support = 2.0
  static let maxDifferences = 2
  /// Models with a root closer to the unit circle than this are excluded, as in R's `forecast::auto.arima`.
  static let margin = 0.01

  /// The series.
  package let series: TimeSeries
  /// The search grid.
  package let grid: Grid
  /// Ordinary differences.
  package let d: Int
  /// Seasonal differences.
  package let seasonalD: Int
  /// The strength of the season, 0 to 1; nil if the series has no season, or is too short.
  package let strength: Double?
  /// The KPSS test of the seasonally differenced series, then of each further difference that was necessary.
  package let stationarity: [Kpss]
  /// All models of the grid that could be fitted, lowest AICc first; at least one.
  package let models: [Arima]

  /// The model with the lowest AICc.
  package var best: Arima { models[0] }
  /// The models within `support` of the lowest AICc, at most six.
  package var supported: [Arima] {
    let lowest = best.aicc ?? .infinity
    return Array(models.prefix { ($0.aicc ?? .infinity) <= lowest + Self.support }.prefix(6))
  }

  /// Throws `tooShort` or `constant` if no model of the grid can be fitted: the error of the simplest one.
  package init(_ series: TimeSeries, grid: Grid = Grid()) throws(ForecastingError) {
    self.series = series
    self.grid = grid
    strength = SeasonalDecomposition(series)?.strength
    seasonalD = (strength ?? 0) > SeasonalDecomposition.limit ? 1 : 0
    var order = ArimaOrder(checked: (0, 0, 0), seasonal: .init(0, seasonalD, 0), period: series.period)
    var tests: [Kpss] = []
    while true {
      let test = Kpss(LagPolynomial.apply(LagPolynomial.differencing(order), to: series.values))
      tests.append(test)
      if test.isStationary || order.d == Self.maxDifferences || order.differences == Self.maxDifferences + 1 { break }
      order = ArimaOrder(checked: (0, order.d + 1, 0), seasonal: order.seasonal, period: series.period)
    }
    d = order.d
    stationarity = tests
    var models: [Arima] = []
    var failure: ForecastingError?
    for order in Self.orders(grid, d: d, seasonalD: seasonalD, period: series.period) {
      do throws(ForecastingError) {
        let model = try Arima.fit(series, order: order, effort: .fast)
        if model.aicc != nil, model.coefficients.isInterior(margin: Self.margin) { models.append(model) }
      } catch {
        failure = failure ?? error
      }
    }
    guard !models.isEmpty else {
      throw failure
        ?? ForecastingError(.tooShort, "\(counted(series.count, "value")) cannot determine an order", hint: "give at least eight values")
    }
    self.models = models.sorted { ($0.aicc ?? .infinity) < ($1.aicc ?? .infinity) }
  }

  static func orders(_ grid: Grid, d: Int, seasonalD: Int, period: Int) -> [ArimaOrder] {
    var result: [ArimaOrder] = []
    let isSeasonal = period > 1 && period <= TimeSeries.maxTriedPeriod
    for seasonalP in 0...(isSeasonal ? grid.seasonalP : 0) {
      for seasonalQ in 0...(isSeasonal ? grid.seasonalQ : 0) {
        for p in 0...grid.p {
          for q in 0...grid.q where p + q + seasonalP + seasonalQ <= grid.coefficients {
            for drift in d + seasonalD == 1 ? [false, true] : [false] {
              result.append(
                ArimaOrder(checked: (p, d, q), seasonal: .init(seasonalP, seasonalD, seasonalQ), period: period, drift: drift))
            }
          }
        }
      }
    }
    return result
  }
}

/// The KPSS test for stationarity around a level (Kwiatkowski, Phillips, Schmidt & Shin 1992, Journal of Econometrics 54:159).
package struct Kpss: Sendable, Equatable {
  /// The test statistic; 0 for a series that does not vary.
  package let statistic: Double
  /// Number of autocovariances in the long-run variance, which have Bartlett's weights.
  package let lags: Int

  /// The 5 % value for a level (table 1 of the paper): above it the series is differenced.
  package static let criticalValue = 0.463

  /// ⌊3√n / 13⌋, as in R's `forecast::ndiffs`.
  package static func lags(count: Int) -> Int { Int(3 * Double(count).squareRoot() / 13) }

  /// Tests `values` with the default number of lags.
  package init(_ values: [Double]) { self.init(values, lags: Self.lags(count: values.count)) }

  /// Tests `values` with `lags` autocovariances.
  package init(_ values: [Double], lags: Int) {
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
  package var isStationary: Bool { statistic <= Self.criticalValue }
}

/// Chooses an order: how often to difference by tests, for likelihoods of differently differenced series do not compare; the rest by AICc
/// over a grid.
public struct AutoArima: Sendable {
  /// The grid that is tried; every combination within it.
  public struct Grid: Sendable, Equatable {
    public var p = 3
    public var q = 3
    public var seasonalP = 1
    public var seasonalQ = 1
    /// The most coefficients in one model.
    public var coefficients = 5
    public init() {}
  }

  /// AICc this close to the lowest leaves a model substantial support (Burnham & Anderson 2002, §2.6).
  public static let support = 2.0
  static let mostDifferences = 2
  /// A model with a root closer to the unit circle than this is left out, as R's `forecast::auto.arima` does.
  static let margin = 0.01

  public let series: TimeSeries
  public let grid: Grid
  public let d: Int
  public let seasonalD: Int
  /// Nil where the series has no season, or too little of it to tell.
  public let strength: Double?
  /// KPSS of the seasonally differenced series, then of each further difference that was needed.
  public let stationarity: [Kpss]
  /// Every model of the grid that could be fitted, lowest AICc first.
  public let models: [Arima]

  public var best: Arima { models[0] }
  /// The models within `support` of the lowest AICc, at most six.
  public var supported: [Arima] {
    let lowest = best.aicc ?? .infinity
    return Array(models.prefix { ($0.aicc ?? .infinity) <= lowest + Self.support }.prefix(6))
  }

  /// Throws `tooShort` or `constant`: where not one model of the grid can be fitted, the error of the simplest.
  public init(_ series: TimeSeries, grid: Grid = Grid()) throws(ForecastingError) {
    self.series = series
    self.grid = grid
    strength = SeasonalDecomposition(series)?.strength
    seasonalD = (strength ?? 0) > SeasonalDecomposition.limit ? 1 : 0
    var order = ArimaOrder(checked: (0, 0, 0), seasonal: .init(0, seasonalD, 0), period: series.period)
    var tests: [Kpss] = []
    while true {
      let test = Kpss(LagPolynomial.apply(LagPolynomial.differencing(order), to: series.values))
      tests.append(test)
      if test.isStationary || order.d == Self.mostDifferences || order.differences == Self.mostDifferences + 1 { break }
      order = ArimaOrder(checked: (0, order.d + 1, 0), seasonal: order.seasonal, period: series.period)
    }
    d = order.d
    stationarity = tests
    var models: [Arima] = []
    var failure: ForecastingError?
    for order in Self.orders(grid, d: d, seasonalD: seasonalD, period: series.period) {
      do throws(ForecastingError) {
        let model = try Arima.fit(series, order: order, effort: .brisk)
        if model.aicc != nil, model.coefficients.isInterior(margin: Self.margin) { models.append(model) }
      } catch {
        failure = failure ?? error
      }
    }
    guard !models.isEmpty else {
      throw failure
        ?? ForecastingError(.tooShort, "\(series.count) values are too few to choose an order", advice: "give at least eight values")
    }
    self.models = models.sorted { ($0.aicc ?? .infinity) < ($1.aicc ?? .infinity) }
  }

  static func orders(_ grid: Grid, d: Int, seasonalD: Int, period: Int) -> [ArimaOrder] {
    var result: [ArimaOrder] = []
    let isSeasonal = period > 1 && period <= TimeSeries.longestTriedPeriod
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

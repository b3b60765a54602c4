import Forecasting
import HTTP
import Warehouse

/// A request for one forecast. Equal requests have equal responses until the rows change.
struct ForecastRequest: Sendable, Hashable {
  let key: SeriesKey
  let horizon: Int
  /// Nil: unit-root tests, AICc and a backtest choose the model.
  let order: ArimaOrder?

  static let parameters = ["region", "metric", "horizon", "order", "seasonal", "drift"]
  static let longestHorizon = 24
  /// The highest orders. A higher order fitted to a few dozen values is meaningless and slow.
  static let most = (3, 2, 3)
  static let mostSeasonal = (1, 1, 1)

  init(key: SeriesKey, horizon: Int = 4, order: ArimaOrder? = nil) {
    self.key = key
    self.horizon = horizon
    self.order = order
  }

  init(_ request: HTTPRequest, rows: Snapshot) throws(ProblemDetails) {
    let parameters = try Parameters(request, allowed: Self.parameters)
    key = try parameters.key(in: rows)
    horizon = try parameters.integer("horizon", in: 1...Self.longestHorizon, otherwise: 4)
    let drift = try parameters.flag("drift")
    let seasonal = try parameters.order("seasonal", most: Self.mostSeasonal)
    guard let name = parameters["order"], name != "auto" else {
      guard !drift, seasonal == nil else {
        throw .badParameter(drift ? "drift" : "seasonal", "The automatic model chooses this itself: set \"order\" as well.")
      }
      order = nil
      return
    }
    guard let (p, d, q) = try parameters.order("order", most: Self.most) else {
      throw .badParameter("order", "\"order\" must be auto or three numbers like 1,1,0.")
    }
    do throws(ForecastingError) {
      order = try ArimaOrder(
        p, d, q, seasonal: seasonal.map { ArimaOrder.Seasonal($0.0, $0.1, $0.2) } ?? .none,
        period: seasonal == nil ? 1 : (rows.period == .day ? 7 : rows.period.perYear), drift: drift)
    } catch {
      throw .badParameter("order", "\(error)")
    }
  }
}

import Console
import Forecasting

/// Fits of published series, each with a time limit.
struct ForecastBench {
  let runs: Int

  func add(to table: inout ResultTable) throws {
    let revenue = try series("netflix-revenue", period: 4)
    let passengers = try series("air-passengers", period: 12)
    let seasonal = try ArimaOrder(2, 1, 1, seasonal: .init(0, 1, 0), period: 12)
    let mixed = try ArimaOrder(1, 1, 1)
    table.add("fit of (1,1,1), 21 quarters", milliseconds: try time { _ = try Arima.fit(revenue, order: mixed) }, limit: 10)
    table.add("fit of (2,1,1)(0,1,0)12, 144 months", milliseconds: try time { _ = try Arima.fit(passengers, order: seasonal) }, limit: 1000)
    table.add(
      "forecast, 21 quarters: order, backtest and all", milliseconds: try time { _ = try ForecastReport(revenue, name: "") }, limit: 1000)
  }

  /// The median of the runs, in milliseconds.
  private func time(_ body: () throws -> Void) rethrows -> Double {
    var times: [Double] = []
    for _ in 0..<max(1, runs) { times.append(try ContinuousClock().measure(body) / .milliseconds(1)) }
    return median(times)
  }

  private func series(_ name: String, period: Int) throws -> TimeSeries {
    let text = String(decoding: try InputFile.contents("Tests/series/\(name).txt"), as: UTF8.self)
    return try TimeSeries(text.split(separator: "\n").compactMap { Double($0) }, period: period)
  }
}

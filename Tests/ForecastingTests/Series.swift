import Forecasting

/// Series with known fits.
enum Series {
  /// Netflix's global revenue, Q1 2019 – Q1 2024, in dollars (data/netflix_revenue_updated.csv).
  static let revenueInDollars: [Double] = [
    4_520_992_000, 4_923_116_000, 5_244_905_000, 5_467_434_000, 5_767_691_000, 6_148_286_000, 6_435_637_000, 6_644_442_000, 7_163_282_000,
    7_341_777_000, 7_483_467_000, 7_709_318_000, 7_867_767_000, 7_970_141_000, 7_925_589_000, 7_852_053_000, 8_161_503_000, 8_187_301_000,
    8_541_668_000, 8_832_825_000, 9_370_440_000,
  ]
  static func revenue(inBillions: Bool = true) throws -> TimeSeries {
    try TimeSeries(inBillions ? revenueInDollars.map { $0 / 1e9 } : revenueInDollars, period: 4)
  }
}

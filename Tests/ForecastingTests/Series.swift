import Foundation
import Testing

@testable import Forecasting

/// The published series of Tests/series: one number per line, after the source in lines that begin with #.
enum Series {
  static func load(_ name: String, period: Int = 1, of place: String = #filePath) throws -> TimeSeries {
    let folder = URL(fileURLWithPath: place).deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: folder.appendingPathComponent("series/\(name).txt"), encoding: .utf8)
    let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
    return try TimeSeries(lines.map { try #require(Double($0)) }, period: period)
  }

  /// Netflix's global revenue, Q1 2019 – Q1 2024.
  static func revenue(inBillions: Bool = true) throws -> TimeSeries {
    let dollars = try load("netflix-revenue", period: 4)
    return inBillions ? try TimeSeries(dollars.values.map { $0 / 1e9 }, period: 4) : dollars
  }
}

import Forecasting
import Foundation

/// The report as one line of JSON.
enum ForecastJSON {
  static func line(_ report: ForecastReport) throws -> String {
    let encoder = JSONEncoder()
    // In a fixed order: the same series gives the same line.
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(report), as: UTF8.self)
  }
}

import Forecasting
import Foundation

/// The report as one line of JSON.
enum ForecastJSON {
  static func line(_ report: ForecastReport) throws -> String {
    let encoder = JSONEncoder()
    // A fixed order of keys, so that the same series gives the same line.
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(report), as: UTF8.self)
  }
}

import Dataset
import Foundation
import Warehouse

/// How a series grew: against the period before, against the year before, and by the year over its whole length.
struct Growth: Sendable, Equatable {
  struct Row: Sendable, Equatable {
    let date: Day
    let value: Amount?
    /// Fractions (0.1 is 10 %); nil where either value is missing or the earlier is not positive.
    let previous: Double?
    let yearBefore: Double?
  }

  let rows: [Row]
  /// Compound annual growth rate from the first to the last value: (last / first)^(1 / years) − 1.
  let annual: Double?

  init(_ series: Series) {
    let period = series.period
    let values = Dictionary(series.points.map { ($0.date.index(period), $0.value?.double) }, uniquingKeysWith: { $1 })
    // Periods back to the same time of last year; a year of days has no such number.
    let year = period == .day || period == .year ? nil : Int64(period.perYear)
    rows = series.points.map { point in
      func change(_ back: Int64?) -> Double? {
        guard let back, let now = point.value?.double, case .some(.some(let then)) = values[point.date.index(period) - back], then > 0
        else { return nil }
        return now / then - 1
      }
      return Row(date: point.date, value: point.value, previous: change(1), yearBefore: change(year))
    }
    guard let first = series.known.first, let last = series.known.last, last.date > first.date, first.value > 0, last.value > 0 else {
      annual = nil
      return
    }
    let years = Double(last.date.index(period) - first.date.index(period)) / Double(period.perYear)
    annual = years > 0 ? pow(last.value / first.value, 1 / years) - 1 : nil
  }
}

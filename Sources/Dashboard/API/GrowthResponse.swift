import Dataset
import Warehouse

/// The response of /api/growth: the changes of `netflix analyze` at each date, as fractions (0.1 is 10 %).
enum GrowthResponse {
  static func make(_ key: SeriesKey, _ edition: DatasetVersion) -> JSON {
    let period = edition.rows.period
    let growth = edition.analysis.growth.first { $0.region == key.region && $0.metric == key.metric }
    let series = edition.series(key)
    let rows = (series?.points ?? []).enumerated().map { index, point in
      JSON.object([
        ("date", .string(point.date.iso)), ("label", .string(point.date.label(period))), ("value", .amount(point.value)),
        ("previous", .rounded(series?.change(at: index, periods: 1), places: 6)),
        ("year_before", .rounded(series?.change(at: index, periods: period.perYear), places: 6)),
      ])
    }
    return .object([
      ("region", .string(key.region)), ("metric", .string(key.metric)), ("annual", .rounded(growth?.annual, places: 6)),
      ("annual_from", .text(growth?.annualFrom?.label(period))), ("rows", .array(rows)),
    ])
  }
}

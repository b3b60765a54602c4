import Warehouse

/// The answer of /api/growth: changes as fractions (0.1 is 10 %).
enum GrowthAnswer {
  static func make(_ key: SeriesKey, _ edition: Edition) -> JSON {
    let period = edition.rows.period
    let growth = edition.series(key).map(Growth.init)
    func fraction(_ value: Double?) -> JSON { .rounded(value, places: 6) }
    return .object([
      ("region", .string(key.region)), ("metric", .string(key.metric)), ("annual", fraction(growth?.annual)),
      (
        "rows",
        .array(
          (growth?.rows ?? []).map { row in
            .object([
              ("date", .string(row.date.iso)), ("label", .string(row.date.label(period))), ("value", .amount(row.value)),
              ("previous", fraction(row.previous)), ("year_before", fraction(row.yearBefore)),
            ])
          })
      ),
    ])
  }
}

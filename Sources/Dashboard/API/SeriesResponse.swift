import Warehouse

/// The response of /api/series: one value per date, and whether a finding is about it.
enum SeriesResponse {
  static func make(_ key: SeriesKey, _ edition: DatasetVersion) -> JSON {
    let doubted = edition.doubted(key)
    let period = edition.rows.period
    let points = edition.series(key)?.points ?? []
    return .object([
      ("region", .string(key.region)), ("metric", .string(key.metric)),
      (
        "points",
        .array(
          points.map { point in
            .object([
              ("date", .string(point.date.iso)), ("label", .string(point.date.label(period))), ("value", .amount(point.value)),
              ("doubted", .bool(doubted.contains(point.date))),
            ])
          })
      ),
    ])
  }
}

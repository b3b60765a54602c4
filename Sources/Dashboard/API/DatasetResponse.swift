import Warehouse

/// The response of /api/dataset: the regions, metrics and dates, and the source of the rows.
enum DatasetResponse {
  static func make(_ edition: DatasetVersion) -> JSON {
    let rows = edition.rows
    return .object([
      ("title", .string(rows.title ?? rows.dataset)), ("version", .string(edition.version)), ("period", .string(rows.period.rawValue)),
      ("periods_per_year", .integer(rows.period.perYear)),
      ("dates", .array(rows.dates.map { .object([("date", .string($0.iso)), ("label", .string($0.label(rows.period)))]) })),
      (
        "regions",
        .array(rows.regions.map { .object([("id", .string($0.name)), ("title", .string($0.title)), ("total", .bool($0.isTotal))]) })
      ),
      (
        "metrics",
        .array(
          rows.metrics.map {
            .object([
              ("id", .string($0.name)), ("title", .string($0.title)), ("unit", .text($0.unit)),
              ("decimals", $0.decimals.map { .integer($0) } ?? .null),
            ])
          })
      ),
      ("series", .array(edition.keys.map { .object([("region", .string($0.region)), ("metric", .string($0.metric))]) })),
      (
        "origin",
        .object([
          ("store", .string(edition.store.kind.rawValue)), ("store_place", .string(edition.store.place)),
          ("source", .string(rows.provenance.kind.rawValue)), ("source_place", .string(rows.provenance.place)),
          ("rows", .integer(rows.provenance.rows)),
          ("changed", .text(rows.provenance.time)), ("read", .string(edition.read)),
        ])
      ),
    ])
  }
}

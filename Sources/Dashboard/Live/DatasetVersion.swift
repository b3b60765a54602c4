import Support
import Warehouse

/// One version of the rows: the facts, their quality report, and the source and time of reading.
struct DatasetVersion: Sendable {
  let rows: Snapshot
  let quality: QualityReport
  let analysis: Analysis
  let store: SourceInfo
  /// Unique per content change; never reused.
  let version: String
  /// RFC 3339, UTC.
  let read: String

  /// Each pair of region and metric that has a value, in the order of the description.
  let keys: [SeriesKey]

  init(_ reading: LoadedData, store: SourceInfo, version: String, read: String) {
    rows = reading.rows
    quality = reading.quality
    analysis = Analysis(reading.rows)
    self.store = store
    self.version = version
    self.read = read
    let rows = reading.rows
    keys = rows.metrics.indices.flatMap { metric in
      rows.regions.indices.compactMap { region in
        guard let series = rows.series(region: region, metric: metric), series.points.contains(where: { $0.value != nil }) else {
          return nil
        }
        return SeriesKey(region: series.region.name, metric: series.metric.name)
      }
    }
  }

  /// The values of a series, one per date; nil if the dataset has no such column.
  func series(_ key: SeriesKey) -> Series? { rows.series(region: key.region, metric: key.metric) }

  /// The dates of the cells that findings are about.
  func flagged(_ key: SeriesKey) -> Set<Day> {
    Set(quality.findings.flatMap(\.cells).filter { $0.region == key.region && $0.metric == key.metric }.map(\.date))
  }
}

extension Finding {
  /// The cells that the finding is about; empty if it is about a row.
  var cells: [AffectedCell] {
    switch location {
    case .cell(let cell): [cell]
    case .oneOf(let cells): cells
    case .row: []
    }
  }
}

/// The rows and their quality report, read at one time.
struct LoadedData: Sendable, Equatable {
  let rows: Snapshot
  let quality: QualityReport
}

/// Identifies one series: a region and a metric, by their names in the description.
struct SeriesKey: Sendable, Hashable {
  let region: String
  let metric: String
}

/// The source of the rows: a CSV, a SQLite file made by `netflix etl`, or the rows that landed in Postgres.
struct SourceInfo: Sendable, Equatable {
  enum Kind: String, Sendable { case csv, sqlite, postgres }

  let kind: Kind
  /// The file, or the database and table, without a password.
  let place: String
}

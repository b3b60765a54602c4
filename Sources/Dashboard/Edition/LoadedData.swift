import Warehouse

/// The rows and their quality report, read at one time.
struct LoadedData: Sendable, Equatable {
  let rows: Snapshot
  let quality: QualityReport
}

import Warehouse

/// The rows and what the rules say of them, as they were at one moment.
struct LoadedData: Sendable, Equatable {
  let rows: Snapshot
  let quality: QualityReport
}

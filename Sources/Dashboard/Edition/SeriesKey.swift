/// Names one series: a region's metric, as the description calls them.
struct SeriesKey: Sendable, Hashable {
  let region: String
  let metric: String
}

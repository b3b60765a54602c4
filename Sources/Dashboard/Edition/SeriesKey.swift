/// Identifies one series: a region and a metric, by their names in the description.
struct SeriesKey: Sendable, Hashable {
  let region: String
  let metric: String
}

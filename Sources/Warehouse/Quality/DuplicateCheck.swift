import Dataset

/// No value of a region's series occurs twice: a number of ten digits does not repeat by chance.
struct DuplicateCheck: CellCheck {
  let metrics: [Int]
  let snapshot: Snapshot

  var type: String { "no-repeat" }
  var limit: String { "0" }
  func measured(_ distance: Double) -> String { String(Int(distance)) }

  func forEach(_ body: (RuleEvaluation) -> Void) {
    for metric in metrics {
      for region in snapshot.regions.indices where snapshot.regions[region].fields[metric] != nil {
        var seen: [Int64: Int] = [:]
        for date in snapshot.dates.indices {
          guard let value = snapshot.units[region][metric][date] else { continue }
          let cell = CellIndex(region: region, metric: metric, date: date)
          guard let earlier = seen.updateValue(date, forKey: value) else {
            body(RuleEvaluation(cells: [cell], holds: true, distance: 0) { ("", "0", "0") })
            continue
          }
          body(
            RuleEvaluation(cells: [cell, CellIndex(region: region, metric: metric, date: earlier)], holds: false, distance: 1) {
              let figure = snapshot.value(region: region, metric: metric, date: date)?.grouped ?? ""
              return (
                "\(snapshot.metrics[metric].name) of \(snapshot.dates[date]) and \(snapshot.dates[earlier]) are both \(figure)", "1", "0"
              )
            })
        }
      }
    }
  }

  func suggestion(for cell: CellIndex, in cells: [CellIndex]) -> Suggestion? { nil }

  func verdict(on value: FixedDecimal, at cell: CellIndex, in cells: [CellIndex]) -> (holds: Bool, words: String)? {
    let isRepeated = cells.contains { $0 != cell && snapshot.value(region: $0.region, metric: $0.metric, date: $0.date) == value }
    return (!isRepeated, "it occurs once")
  }
}

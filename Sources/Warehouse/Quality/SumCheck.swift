import Dataset

/// The regions of a metric add up to its total region, except for the residual that the description declares.
struct SumCheck: CellCheck {
  let sum: Rule.Sum
  let snapshot: Snapshot
  private let total: Int
  private let parts: [Int]
  private let tolerance: Int64
  private let rest: ClosedRange<Int64>?

  init?(sum: Rule.Sum, snapshot: Snapshot) {
    guard let total = snapshot.total else { return nil }
    self.sum = sum
    self.snapshot = snapshot
    self.total = total
    parts = snapshot.regions.indices.filter { $0 != total && snapshot.regions[$0].fields[sum.metric] != nil }
    // In units of the metric, truncated to the stricter side.
    func units(_ amount: FixedDecimal) -> Int64 {
      let places = snapshot.places[sum.metric]
      let units = (amount.rescaled(to: places) ?? FixedDecimal(amount.double, places: places))?.unscaled ?? Self.most
      // Bounded so that adding and subtracting limits cannot overflow.
      return min(max(units, -Self.most), Self.most)
    }
    tolerance = units(sum.tolerance)
    rest = sum.expectedResidual.map { rest in
      let low = units(rest.minimum)
      return low...max(low, units(rest.maximum))
    }
  }

  private static let most: Int64 = 1 << 60

  var type: String { "sum" }

  var limit: String {
    let limit = amount(tolerance).grouped
    guard let known = sum.expectedResidual, let rest else { return limit }
    let until = known.until.map { " until \(Day($0))" } ?? ""
    return "\(limit); \(known.title) \(amount(rest.lowerBound).grouped) to \(amount(rest.upperBound).grouped)\(until)"
  }

  func measured(_ distance: Double) -> String { amount(Int64(distance)).grouped }

  func forEach(_ body: (RuleEvaluation) -> Void) {
    for date in snapshot.dates.indices {
      guard let difference = difference(date) else { continue }
      let allowed = allowed(date)
      let cells = ([total] + parts).map { CellIndex(region: $0, metric: sum.metric, date: date) }
      // The distance from the range of the residual if there is one, else from zero.
      let low = allowed.lowerBound + tolerance
      let high = allowed.upperBound - tolerance
      let distance = difference < low ? low - difference : max(0, difference - high)
      body(RuleEvaluation(cells: cells, holds: allowed.contains(difference), distance: Double(distance)) { words(date, difference) })
    }
  }

  func suggestion(for cell: CellIndex, in cells: [CellIndex]) -> Suggestion? {
    // If there is a residual, its part of the difference is unknown.
    guard !hasRest(cell.date), let difference = difference(cell.date), let value = snapshot.units[cell.region][cell.metric][cell.date]
    else {
      return nil
    }
    let isTotal = cell.region == total
    let (figure, overflow) = value.addingReportingOverflow(isTotal ? -difference : difference)
    if overflow { return nil }
    return Suggestion(
      value: amount(figure), isExact: true,
      reason: isTotal ? "the sum of the regions" : "\(snapshot.regions[total].name) minus the other regions")
  }

  func verdict(on value: FixedDecimal, at cell: CellIndex, in cells: [CellIndex]) -> (holds: Bool, words: String)? {
    guard let new = value.rescaled(to: snapshot.places[sum.metric])?.unscaled, let difference = difference(cell.date),
      let old = snapshot.units[cell.region][cell.metric][cell.date]
    else { return nil }
    let change = (Int128(new) - Int128(old)) * (cell.region == total ? 1 : -1)
    let allowed = allowed(cell.date)
    return ((Int128(allowed.lowerBound)...Int128(allowed.upperBound)).contains(Int128(difference) + change), "the regions add up with it")
  }

  /// Total minus the regions, in units; nil if one of them has no value.
  private func difference(_ date: Int) -> Int64? {
    guard var left = snapshot.units[total][sum.metric][date] else { return nil }
    for part in parts {
      guard let value = snapshot.units[part][sum.metric][date] else { return nil }
      let (less, overflow) = left.subtractingReportingOverflow(value)
      if overflow || less.magnitude > Self.most { return nil }
      left = less
    }
    return left
  }

  private func hasRest(_ date: Int) -> Bool {
    guard let known = sum.expectedResidual else { return false }
    return known.until.map { snapshot.dates[date].number <= $0 } ?? true
  }

  private func allowed(_ date: Int) -> ClosedRange<Int64> {
    guard let rest, hasRest(date) else { return -tolerance...tolerance }
    return rest.lowerBound - tolerance...rest.upperBound + tolerance
  }

  private func words(_ date: Int, _ difference: Int64) -> (String, String, String) {
    let allowed = allowed(date)
    let limit = hasRest(date) ? "\(amount(allowed.lowerBound).grouped) to \(amount(allowed.upperBound).grouped)" : amount(tolerance).grouped
    let measured = amount(difference).grouped
    let name = snapshot.regions[total].name
    return ("\(name) \(snapshot.metrics[sum.metric].name) minus the regions' sum is \(measured), allowed \(limit)", measured, limit)
  }

  private func amount(_ units: Int64) -> FixedDecimal { FixedDecimal(unscaled: units, scale: snapshot.places[sum.metric]) }
}

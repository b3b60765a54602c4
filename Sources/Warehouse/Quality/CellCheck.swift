import Dataset
import Support

/// A cell of a snapshot, by indexes.
struct CellIndex: Hashable {
  var region: Int
  var metric: Int
  var date: Int
}

/// One evaluation of a rule: its cells, and whether it holds.
struct RuleEvaluation {
  let cells: [CellIndex]
  let holds: Bool
  /// The distance from the rule, in the rule's measure.
  let distance: Double
  /// The message for a violation, with the measured value and the limit.
  let evidence: () -> (message: String, measured: String, limit: String)
}

/// A rule about cells, evaluated over a whole snapshot.
protocol CellCheck {
  var snapshot: Snapshot { get }
  var type: String { get }
  var limit: String { get }
  func forEach(_ body: (RuleEvaluation) -> Void)
  /// The rule's largest distance, as text.
  func measured(_ distance: Double) -> String
  /// The value of `cell` that makes the rule hold if no other cell changes; otherwise nil.
  func suggestion(for cell: CellIndex, in cells: [CellIndex]) -> Suggestion?
  /// Whether the rule holds if `cell` has `value`, with a human-readable result; nil if that is not evidence.
  func evaluate(_ value: FixedDecimal, at cell: CellIndex, in cells: [CellIndex]) -> (holds: Bool, message: String)?
}

extension CellCheck {
  /// Evaluates the rule for all cells and adds its violations to `attribution`.
  func summary(rule: Rule, into attribution: inout Attribution) -> QualityReport.RuleResult {
    var checked = 0
    var worst = 0.0
    var violations: [Attribution.Violation] = []
    forEach { evaluation in
      checked += 1
      worst = max(worst, evaluation.distance)
      guard !evaluation.holds else { return }
      let evidence = evaluation.evidence()
      violations.append(
        Attribution.Violation(
          check: self, severity: rule.severity, cells: evaluation.cells,
          evidence: .init(rule: rule.name, message: evidence.message, measured: evidence.measured, limit: evidence.limit)))
    }
    attribution.add(check: self, violations)
    let dates = Set(violations.compactMap { $0.cells.first?.date }).sorted()
    return QualityReport.RuleResult(
      rule: rule.name, title: rule.title ?? rule.name, type: type, severity: rule.severity, checked: checked, violations: violations.count,
      measured: measured(worst), limit: limit, locations: dates.map { snapshot.dates[$0].iso })
  }
}

/// The regions of a metric add up to its total region, except for the residual that the description declares.
struct SumCheck: CellCheck {
  let sum: Rule.Sum
  let snapshot: Snapshot
  private let total: Int
  private let parts: [Int]
  private let tolerance: Int64
  private let residual: ClosedRange<Int64>?

  init?(sum: Rule.Sum, snapshot: Snapshot) {
    guard let total = snapshot.total else { return nil }
    self.sum = sum
    self.snapshot = snapshot
    self.total = total
    parts = snapshot.regions.indices.filter { $0 != total && snapshot.regions[$0].fields[sum.metric] != nil }
    // In units of the metric, truncated to the stricter side.
    func units(_ amount: FixedDecimal) -> Int64 {
      let places = snapshot.scales[sum.metric]
      let units = (amount.rescaled(to: places) ?? FixedDecimal(amount.double, places: places))?.unscaled ?? Self.maxMagnitude
      // Bounded so that adding and subtracting limits cannot overflow.
      return min(max(units, -Self.maxMagnitude), Self.maxMagnitude)
    }
    tolerance = units(sum.tolerance)
    residual = sum.expectedResidual.map { residual in
      let low = units(residual.minimum)
      return low...max(low, units(residual.maximum))
    }
  }

  private static let maxMagnitude: Int64 = 1 << 60

  var type: String { "sum" }

  var limit: String {
    let limit = amount(tolerance).grouped
    guard let known = sum.expectedResidual, let residual else { return limit }
    let until = known.until.map { " until \(Day($0))" } ?? ""
    return "\(limit); \(known.title) \(amount(residual.lowerBound).grouped) to \(amount(residual.upperBound).grouped)\(until)"
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
      body(RuleEvaluation(cells: cells, holds: allowed.contains(difference), distance: Double(distance)) { evidence(date, difference) })
    }
  }

  func suggestion(for cell: CellIndex, in cells: [CellIndex]) -> Suggestion? {
    // If there is a residual, its part of the difference is unknown.
    guard !hasResidual(cell.date), let difference = difference(cell.date),
      let value = snapshot.unscaledValues[cell.region][cell.metric][cell.date]
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

  func evaluate(_ value: FixedDecimal, at cell: CellIndex, in cells: [CellIndex]) -> (holds: Bool, message: String)? {
    guard let new = value.rescaled(to: snapshot.scales[sum.metric])?.unscaled, let difference = difference(cell.date),
      let old = snapshot.unscaledValues[cell.region][cell.metric][cell.date]
    else { return nil }
    let change = (Int128(new) - Int128(old)) * (cell.region == total ? 1 : -1)
    let allowed = allowed(cell.date)
    return ((Int128(allowed.lowerBound)...Int128(allowed.upperBound)).contains(Int128(difference) + change), "the regions add up with it")
  }

  /// Total minus the regions, in units; nil if one of them has no value.
  private func difference(_ date: Int) -> Int64? {
    guard var left = snapshot.unscaledValues[total][sum.metric][date] else { return nil }
    for part in parts {
      guard let value = snapshot.unscaledValues[part][sum.metric][date] else { return nil }
      let (less, overflow) = left.subtractingReportingOverflow(value)
      if overflow || less.magnitude > Self.maxMagnitude { return nil }
      left = less
    }
    return left
  }

  private func hasResidual(_ date: Int) -> Bool {
    guard let known = sum.expectedResidual else { return false }
    return known.until.map { snapshot.dates[date].number <= $0 } ?? true
  }

  private func allowed(_ date: Int) -> ClosedRange<Int64> {
    guard let residual, hasResidual(date) else { return -tolerance...tolerance }
    return residual.lowerBound - tolerance...residual.upperBound + tolerance
  }

  private func evidence(_ date: Int, _ difference: Int64) -> (String, String, String) {
    let allowed = allowed(date)
    let limit =
      hasResidual(date) ? "\(amount(allowed.lowerBound).grouped) to \(amount(allowed.upperBound).grouped)" : amount(tolerance).grouped
    let measured = amount(difference).grouped
    let name = snapshot.regions[total].name
    return ("\(name) \(snapshot.metrics[sum.metric].name) minus the regions' sum is \(measured), allowed \(limit)", measured, limit)
  }

  private func amount(_ units: Int64) -> FixedDecimal { FixedDecimal(unscaled: units, scale: snapshot.scales[sum.metric]) }
}

/// A metric is the quotient of two others, region by region, within the rounding of the published figures.
struct RatioCheck: CellCheck {
  let ratio: Rule.Ratio
  let snapshot: Snapshot
  private let tolerance: Double
  private let divisor: Double

  init(ratio: Rule.Ratio, snapshot: Snapshot) {
    self.ratio = ratio
    self.snapshot = snapshot
    tolerance = ratio.relativeTolerance.double
    divisor = ratio.divisor.double
  }

  var type: String { "ratio" }
  var limit: String { percent(tolerance) }
  func measured(_ distance: Double) -> String { percent(distance) }

  func forEach(_ body: (RuleEvaluation) -> Void) {
    for region in snapshot.regions.indices {
      for date in snapshot.dates.indices {
        guard let cells = cells(region, date), let distance = distance(cells, replacing: nil) else { continue }
        body(RuleEvaluation(cells: cells, holds: distance <= tolerance, distance: distance) { evidence(cells, distance) })
      }
    }
  }

  func suggestion(for cell: CellIndex, in cells: [CellIndex]) -> Suggestion? {
    guard let denominator = denominator(cells, replacing: nil), let metric = value(cells[0]), let numerator = value(cells[1]) else {
      return nil
    }
    let number: Double
    switch cell {
    case cells[0]: number = numerator / denominator / divisor
    case cells[1]: number = metric * denominator * divisor
    default:
      // The denominator, or one of the two values of its mean.
      let needed = numerator / metric / divisor
      let other = cells.dropFirst(2).first { $0 != cell }.flatMap(value)
      number = other.map { 2 * needed - $0 } ?? needed
    }
    guard number.isFinite, let figure = FixedDecimal(number, places: snapshot.scales[cell.metric]) else { return nil }
    return Suggestion(value: figure, isExact: false, reason: "\(name) = \(formula)")
  }

  func evaluate(_ value: FixedDecimal, at cell: CellIndex, in cells: [CellIndex]) -> (holds: Bool, message: String)? {
    guard let distance = distance(cells, replacing: (cell, value.double)) else { return nil }
    return (distance <= tolerance, "\(name) is then \(percent(distance)) from \(formula)")
  }

  /// Metric, numerator, denominator and, for a mean, the previous denominator; nil if one has no value.
  private func cells(_ region: Int, _ date: Int) -> [CellIndex]? {
    var cells = [ratio.metric, ratio.numerator, ratio.denominator].map { CellIndex(region: region, metric: $0, date: date) }
    if ratio.denominatorBasis == .mean {
      // At the first date and after a gap the opening value is not in the data.
      guard date > 0, snapshot.dates[date].index(snapshot.period) - snapshot.dates[date - 1].index(snapshot.period) == 1 else { return nil }
      cells.append(CellIndex(region: region, metric: ratio.denominator, date: date - 1))
    }
    return cells.allSatisfy { value($0) != nil } ? cells : nil
  }

  private func value(_ cell: CellIndex) -> Double? {
    snapshot.value(region: cell.region, metric: cell.metric, date: cell.date)?.double
  }

  private func denominator(_ cells: [CellIndex], replacing change: (cell: CellIndex, value: Double)?) -> Double? {
    let values = cells.dropFirst(2).compactMap { cell in change?.cell == cell ? change?.value : value(cell) }
    let mean = values.reduce(0, +) / Double(values.count)
    return mean == 0 ? nil : mean
  }

  /// |metric ÷ quotient − 1|.
  private func distance(_ cells: [CellIndex], replacing change: (cell: CellIndex, value: Double)?) -> Double? {
    func current(_ cell: CellIndex) -> Double? { change?.cell == cell ? change?.value : value(cell) }
    guard let denominator = denominator(cells, replacing: change), let metric = current(cells[0]), let numerator = current(cells[1]) else {
      return nil
    }
    let quotient = numerator / denominator / divisor
    if quotient == 0 { return metric == 0 ? 0 : .infinity }
    return abs(metric / quotient - 1)
  }

  private var name: String { snapshot.metrics[ratio.metric].name }

  private var formula: String {
    let mean = ratio.denominatorBasis == .mean ? "mean " : ""
    let divided = divisor == 1 ? "" : " / \(ratio.divisor.text)"
    return "\(snapshot.metrics[ratio.numerator].name) / \(mean)\(snapshot.metrics[ratio.denominator].name)\(divided)"
  }

  private func evidence(_ cells: [CellIndex], _ distance: Double) -> (String, String, String) {
    let published = snapshot.value(region: cells[0].region, metric: cells[0].metric, date: cells[0].date)?.text ?? ""
    let computed = suggestion(for: cells[0], in: cells)?.value.text ?? "none"
    let message = "\(name) is \(published), but \(formula) is \(computed): \(percent(distance)) apart, allowed \(limit)"
    return (message, percent(distance), limit)
  }

  private func percent(_ share: Double) -> String {
    guard let amount = share.isFinite ? FixedDecimal(share * 100, places: 3) : nil else { return "infinitely far" }
    return "\(amount.trimmed.text) %"
  }
}

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
          guard let value = snapshot.unscaledValues[region][metric][date] else { continue }
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

  func evaluate(_ value: FixedDecimal, at cell: CellIndex, in cells: [CellIndex]) -> (holds: Bool, message: String)? {
    let isRepeated = cells.contains { $0 != cell && snapshot.value(region: $0.region, metric: $0.metric, date: $0.date) == value }
    return (!isRepeated, "it occurs once")
  }
}

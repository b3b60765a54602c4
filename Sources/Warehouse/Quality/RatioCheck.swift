import Dataset

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
        body(RuleEvaluation(cells: cells, holds: distance <= tolerance, distance: distance) { words(cells, distance) })
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
    guard number.isFinite, let figure = FixedDecimal(number, places: snapshot.places[cell.metric]) else { return nil }
    return Suggestion(value: figure, isExact: false, reason: "\(name) = \(formula)")
  }

  func verdict(on value: FixedDecimal, at cell: CellIndex, in cells: [CellIndex]) -> (holds: Bool, words: String)? {
    guard let distance = distance(cells, replacing: (cell, value.double)) else { return nil }
    return (distance <= tolerance, "\(name) is then \(percent(distance)) from \(formula)")
  }

  /// Metric, numerator, denominator and, for a mean, the previous denominator; nil if one has no value.
  private func cells(_ region: Int, _ date: Int) -> [CellIndex]? {
    var cells = [ratio.metric, ratio.numerator, ratio.denominator].map { CellIndex(region: region, metric: $0, date: date) }
    if ratio.of == .mean {
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
    let mean = ratio.of == .mean ? "mean " : ""
    let divided = divisor == 1 ? "" : " / \(ratio.divisor.text)"
    return "\(snapshot.metrics[ratio.numerator].name) / \(mean)\(snapshot.metrics[ratio.denominator].name)\(divided)"
  }

  private func words(_ cells: [CellIndex], _ distance: Double) -> (String, String, String) {
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

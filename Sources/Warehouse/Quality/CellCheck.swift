import Dataset

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
  let words: () -> (message: String, measured: String, limit: String)
}

/// A rule about cells, evaluated over a whole snapshot.
protocol CellCheck {
  var snapshot: Snapshot { get }
  var type: String { get }
  var limit: String { get }
  func forEach(_ body: (RuleEvaluation) -> Void)
  /// The rule's largest distance, as text.
  func measured(_ distance: Double) -> String
  /// The value of `cell` that makes the rule hold if no other cell changes; nil if there is none.
  func suggestion(for cell: CellIndex, in cells: [CellIndex]) -> Suggestion?
  /// Whether the rule holds if `cell` has `value`, with a human-readable result; nil if that is no evidence.
  func verdict(on value: FixedDecimal, at cell: CellIndex, in cells: [CellIndex]) -> (holds: Bool, words: String)?
}

extension CellCheck {
  /// Evaluates the rule for all cells and adds its violations to `attribution`.
  func summary(rule: Rule, into attribution: inout Attribution) -> QualityReport.RuleResult {
    var checked = 0
    var worst = 0.0
    var violations: [Attribution.Violation] = []
    forEach { application in
      checked += 1
      worst = max(worst, application.distance)
      guard !application.holds else { return }
      let words = application.words()
      violations.append(
        Attribution.Violation(
          check: self, severity: rule.severity, cells: application.cells,
          evidence: .init(rule: rule.name, message: words.message, measured: words.measured, limit: words.limit)))
    }
    attribution.add(check: self, violations)
    let dates = Set(violations.compactMap { $0.cells.first?.date }).sorted()
    return QualityReport.RuleResult(
      rule: rule.name, title: rule.title ?? rule.name, type: type, severity: rule.severity, checked: checked, violations: violations.count,
      measured: measured(worst), limit: limit, places: dates.map { snapshot.dates[$0].iso })
  }
}

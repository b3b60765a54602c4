import Dataset

/// A cell of a snapshot, by indexes.
struct CellIndex: Hashable {
  var region: Int
  var metric: Int
  var date: Int
}

/// One application of a rule: the cells it is about, and whether it holds.
struct RuleEvaluation {
  let cells: [CellIndex]
  let holds: Bool
  /// How far from the rule, in the rule's measure.
  let distance: Double
  /// What to say of it where it does not hold.
  let words: () -> (message: String, measured: String, limit: String)
}

/// A rule about cells, over a whole snapshot.
protocol CellCheck {
  var snapshot: Snapshot { get }
  var type: String { get }
  var limit: String { get }
  func forEach(_ body: (RuleEvaluation) -> Void)
  /// The rule's worst distance, as text.
  func measured(_ distance: Double) -> String
  /// The figure that makes the rule hold, if only `cell` changes.
  func suggestion(for cell: CellIndex, in cells: [CellIndex]) -> Suggestion?
  /// Whether the rule holds with `value` in the place of `cell`'s, and a word on it for people; nil where that says nothing.
  func verdict(on value: FixedDecimal, at cell: CellIndex, in cells: [CellIndex]) -> (holds: Bool, words: String)?
}

extension CellCheck {
  /// Applies the rule everywhere and hands what does not hold to `attribution`.
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

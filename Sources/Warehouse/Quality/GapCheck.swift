import Dataset

/// Dates follow each other at one period, without gaps and without two dates in one period.
struct GapCheck {
  let result: QualityReport.RuleResult
  let findings: [Finding]

  /// - Parameter dates: ascending, without duplicates.
  init(rule: Rule, period: StarMapping.Period, dates: [Day]) {
    let gaps = Gap.between(dates, period)
    let places = gaps.map(\.last.iso)
    let missing = gaps.reduce(0) { $0 + $1.periods }
    findings = gaps.map { gap in
      Finding(
        place: .row(gap.last.iso), severity: rule.severity,
        evidence: [.init(rule: rule.name, message: gap.message, measured: String(gap.periods), limit: "0")], suggestion: nil)
    }
    result = QualityReport.RuleResult(
      rule: rule.name, title: rule.title ?? rule.name, type: "gap-free", severity: rule.severity, checked: dates.count,
      violations: findings.count, measured: String(missing), limit: "0", places: places)
  }
}

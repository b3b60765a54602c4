import Dataset

/// Dates follow each other by one period, without a gap and without two in one period.
struct GapCheck {
  let result: QualityReport.RuleResult
  let findings: [Finding]

  /// - Parameter dates: ascending, each once.
  init(rule: Rule, period: StarMapping.Period, dates: [Day]) {
    var findings: [Finding] = []
    var places: [String] = []
    var missing: Int64 = 0
    for (before, after) in zip(dates, dates.dropFirst()) {
      let step = after.index(period) - before.index(period)
      guard step != 1 else { continue }
      let message: String
      if step > 1 {
        missing += step - 1
        let noun = step == 2 ? period.rawValue : "\(period.rawValue)s"
        message = "\(step - 1) \(noun) missing between \(before) (\(before.label(period))) and \(after) (\(after.label(period)))"
      } else {
        message = "\(before) and \(after) are in the same \(period.rawValue)"
      }
      places.append(after.iso)
      findings.append(
        Finding(
          place: .row(after.iso), severity: rule.severity,
          evidence: [.init(rule: rule.name, message: message, measured: String(max(0, step - 1)), limit: "0")], suggestion: nil))
    }
    self.findings = findings
    result = QualityReport.RuleResult(
      rule: rule.name, title: rule.title ?? rule.name, type: "gap-free", severity: rule.severity, checked: dates.count,
      violations: findings.count, measured: String(missing), limit: "0", places: places)
  }
}

import Dataset

extension QualityReport {
  /// Lines for a terminal: the rules with what was measured, then each finding with its evidence.
  public var lines: [String] {
    let broken = rules.count { $0.violations > 0 }
    var lines = ["\(dataset): \(counted(origin.rows, "row")) of \(origin.place), \(counted(rules.count, "rule")), \(broken) broken", ""]
    let names = rules.map(\.rule)
    let width = names.map(\.count).max() ?? 0
    for rule in rules {
      let mark = rule.violations == 0 ? "ok     " : rule.severity == .error ? "ERROR  " : "warning"
      let name = rule.rule + String(repeating: " ", count: width - rule.rule.count)
      lines.append(
        "  \(mark)  \(name)  \(grouped(rule.violations)) of \(grouped(rule.checked))  worst \(rule.measured), allowed \(rule.limit)")
    }
    if !skipped.isEmpty { lines += ["", "Not applicable here: " + skipped.map { "\($0.rule) (\($0.reason))" }.joined(separator: ", ")] }
    for finding in findings { lines += [""] + finding.lines }
    if !gaps.isEmpty { lines += ["", "Gaps, which a forecast of the series cannot have:"] + gaps.map { "  - \($0.message)" } }
    let result =
      findings.isEmpty ? "No findings" : "\(counted(errors, "error")), \(counted(warnings, "warning"))"
    let more = gaps.isEmpty ? "" : ", \(counted(gaps.count, "gap"))"
    return lines + ["", result + more + "." + (findings.isEmpty ? "" : " Nothing was corrected.")]
  }
}

extension Finding {
  /// The subject of the finding, on one line.
  public var headline: String {
    switch place {
    case .cell(let cell): "\(cell.words) is \(cell.value?.grouped ?? "empty") (\(cell.column))"
    case .oneOf(let cells):
      "one of these is wrong: " + cells.map { "\($0.column) \($0.value?.grouped ?? "empty")" }.joined(separator: ", ")
        + " (\(cells.first?.date.iso ?? ""))"
    case .row(let row): row
    }
  }

  var lines: [String] {
    var lines = ["\(severity == .error ? "ERROR" : "warning"): \(headline)"]
    lines += evidence.map { "  - \($0.message) [\($0.rule)]" }
    if let suggestion {
      lines.append("  suggestion: \(suggestion.isExact ? "" : "about ")\(suggestion.value.grouped) – \(suggestion.reason)")
    }
    return lines
  }
}

extension Finding.AffectedCell {
  var words: String { "\(region) \(metric) of \(date)" }
}

import Dataset
import Support

/// The result of checking a dataset against its description's rules: `netflix check`. Nothing is corrected.
package struct QualityReport: Sendable, Equatable {
  /// The result of one rule over all rows.
  package struct RuleResult: Sendable, Equatable {
    /// The rule's name.
    package let rule: String
    /// The rule's title; its name if it has none.
    package let title: String
    /// The rule's type in the description; `rows` for types and constraints.
    package let type: String
    /// How a violation is reported.
    package let severity: Rule.Severity
    /// The number of evaluations: rows, or cells.
    package let checked: Int
    /// The number of violations.
    package let violations: Int
    /// The worst measured value.
    package let measured: String
    /// The limit of the rule, in the same unit.
    package let limit: String
    /// The locations of the violations: dates, keys or lines, in order.
    package let locations: [String]
  }

  /// A rule that cannot be evaluated for these rows.
  package struct SkippedRule: Sendable, Equatable {
    /// The rule's name in the description, or the name of a rule of reading a CSV.
    package let rule: String
    /// Why it does not apply, as a clause.
    package let reason: String
  }

  /// The name of the description's resource.
  package let dataset: String
  /// Where the rows were read from.
  package let provenance: Provenance
  /// The results of the rules that apply, in the description's order.
  package let rules: [RuleResult]
  /// Rules of the description, or of reading a CSV, that do not apply where the rows are.
  package let skipped: [SkippedRule]
  /// What breaks the rules: cells with the rules that they break, and gaps.
  package let findings: [Finding]
  /// Gaps that prevent a forecast of a series. They are not findings, and are left out if a rule of the description reports them.
  package let gaps: [Gap]

  /// The number of findings with severity error.
  package var errors: Int { findings.count { $0.severity == .error } }
  /// The number of findings with severity warning.
  package var warnings: Int { findings.count { $0.severity == .warning } }

  /// True if the program should end with 65: if there is an error or, if strict, any finding.
  package func fails(strict: Bool) -> Bool { strict ? !findings.isEmpty : errors > 0 }

  /// Evaluates the rules.
  /// - Parameters:
  ///   - snapshot: the facts; nil if the description has no star, so that only rules about rows apply.
  ///   - rows: the findings from reading the rows, collected by ``RowChecks`` or ``RawTableChecks``.
  package init(resource: Resource, snapshot: Snapshot?, rows: RowFindings = RowFindings(), provenance: Provenance) {
    var results = rows.results
    var findings = rows.findings
    var skipped: [SkippedRule] = []
    func skip(_ rule: String, _ reason: String) { skipped.append(SkippedRule(rule: rule, reason: reason)) }
    if !results.contains(where: { $0.type == "rows" }) { skip("rows", "types and constraints are checked where a CSV is read") }
    let isWarehouse = !results.contains { $0.type == "unique" }
    for constraint in UniquenessConstraint.all(of: resource) where isWarehouse {
      skip(constraint.name, "the warehouse has one row per date")
    }
    var attribution = Attribution()
    for rule in resource.rules {
      switch rule.check {
      case .unique: continue
      case .gapFree(let field, let period):
        guard let dates = rows.dates[field] ?? (field == resource.star?.date ? snapshot?.dates : nil) else {
          skip(rule.name, "the warehouse has no column \(resource.fields[field].column)")
          continue
        }
        let gaps = GapCheck(rule: rule, period: period, dates: dates)
        results.append(gaps.result)
        findings += gaps.findings
      case .sum, .ratio, .noRepeat:
        guard let snapshot, let check = Self.cellCheck(rule, snapshot) else {
          skip(rule.name, "the description has no star")
          continue
        }
        results.append(check.summary(rule: rule, into: &attribution))
      }
    }
    if let snapshot { findings += attribution.findings(snapshot: snapshot, resource: resource) }
    dataset = resource.name
    self.provenance = provenance
    self.rules = results
    self.skipped = skipped
    self.findings = findings
    guard let snapshot else {
      gaps = []
      return
    }
    let isRuled = resource.rules.contains { rule in
      if case .gapFree(let field, let period) = rule.check { return field == resource.star?.date && period == snapshot.period }
      return false
    }
    gaps = (isRuled ? [] : Gap.between(snapshot.dates, snapshot.period)) + Gap.emptyCells(of: snapshot, resource)
  }

  static func cellCheck(_ rule: Rule, _ snapshot: Snapshot) -> (any CellCheck)? {
    switch rule.check {
    case .sum(let sum): SumCheck(sum: sum, snapshot: snapshot)
    case .ratio(let ratio): RatioCheck(ratio: ratio, snapshot: snapshot)
    case .noRepeat(let metrics): DuplicateCheck(metrics: metrics, snapshot: snapshot)
    case .unique, .gapFree: nil
    }
  }
}

extension QualityReport {
  /// `{"dataset","source","place","rows","errors","warnings","rules":[…],"skipped":[…],"findings":[…],"gaps":[…]}`.
  package var json: JSON {
    .object([
      ("dataset", .string(dataset)), ("source", .string(provenance.kind.rawValue)), ("place", .string(provenance.location)),
      ("rows", .integer(provenance.rows)), ("errors", .integer(errors)), ("warnings", .integer(warnings)),
      ("rules", .array(rules.map(\.json))), ("skipped", .array(skipped.map(\.json))),
      ("findings", .array(findings.map(\.json))), ("gaps", .array(gaps.map(\.json))),
    ])
  }
}

extension QualityReport.SkippedRule {
  /// One object of the report's `skipped`.
  package var json: JSON { .object([("rule", .string(rule)), ("reason", .string(reason))]) }
}

extension QualityReport.RuleResult {
  /// One object of the report's `rules`.
  package var json: JSON {
    .object([
      ("rule", .string(rule)), ("title", .string(title)), ("type", .string(type)), ("severity", .string(severity.rawValue)),
      ("checked", .integer(checked)), ("violations", .integer(violations)), ("measured", .string(measured)), ("limit", .string(limit)),
      ("places", .array(locations.map { .string($0) })),
    ])
  }
}

extension Finding {
  /// One object of the report's `findings`.
  package var json: JSON {
    var members: [(String, JSON)] = [("severity", .string(severity.rawValue))]
    switch location {
    case .cell(let cell): members.append(("cell", cell.json))
    case .oneOf(let cells): members.append(("one_of", .array(cells.map(\.json))))
    case .row(let row): members.append(("row", .string(row)))
    }
    members.append(
      (
        "suggestion",
        suggestion.map { .object([("value", .amount($0.value)), ("exact", .bool($0.isExact)), ("reason", .string($0.reason))]) } ?? .null
      ))
    members.append(
      (
        "evidence",
        .array(
          evidence.map {
            .object([
              ("rule", .string($0.rule)), ("message", .string($0.message)), ("measured", .string($0.measured)),
              ("limit", .string($0.limit)),
            ])
          })
      ))
    return .object(members)
  }
}

extension Finding.AffectedCell {
  /// The cell of a finding.
  package var json: JSON {
    .object([
      ("date", .string(date.iso)), ("region", .string(region)), ("metric", .string(metric)), ("column", .string(column)),
      ("value", .amount(value)),
    ])
  }
}

extension QualityReport {
  /// Lines for a terminal: the rules with what was measured, then each finding with its evidence.
  package var lines: [String] {
    let broken = rules.count { $0.violations > 0 }
    var lines = [
      "\(dataset): \(counted(provenance.rows, "row")) of \(provenance.location), \(counted(rules.count, "rule")), \(broken) broken", "",
    ]
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
    if !gaps.isEmpty { lines += ["", "Gaps, which prevent a forecast of the series:"] + gaps.map { "  - \($0.message)" } }
    let result =
      findings.isEmpty ? "No findings" : "\(counted(errors, "error")), \(counted(warnings, "warning"))"
    let more = gaps.isEmpty ? "" : ", \(counted(gaps.count, "gap"))"
    return lines + ["", result + more + "." + (findings.isEmpty ? "" : " Nothing was corrected.")]
  }
}

extension Finding {
  /// The subject of the finding, on one line.
  package var headline: String {
    switch location {
    case .cell(let cell): "\(cell.label) is \(cell.value?.grouped ?? "empty") (\(cell.column))"
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
  var label: String { "\(region) \(metric) of \(date)" }
}

/// A cell or a row that violates rules. Each is reported once, with the evidence of every rule that it violates.
package struct Finding: Sendable, Equatable {
  /// A cell of the star schema.
  package struct AffectedCell: Sendable, Equatable {
    /// The date of its row.
    package let date: Day
    /// The region's name.
    package let region: String
    /// The metric's name.
    package let metric: String
    /// The column in the CSV.
    package let column: String
    /// The value; nil if the cell is empty.
    package let value: FixedDecimal?
  }

  /// What the finding is about.
  package enum Location: Sendable, Equatable {
    case cell(AffectedCell)
    /// The rules do not determine which of these cells is wrong.
    case oneOf([AffectedCell])
    /// A row, identified by its date, key or line.
    case row(String)
  }

  /// The violation of one rule.
  package struct Evidence: Sendable, Equatable {
    /// The rule's name.
    package let rule: String
    /// The violation in one sentence.
    package let message: String
    /// The measured value.
    package let measured: String
    /// The limit of the rule, in the same unit.
    package let limit: String
  }

  /// The cell, cells or row.
  package let location: Location
  /// The highest severity of the violated rules.
  package let severity: Rule.Severity
  /// The violations, at least one.
  package let evidence: [Evidence]
  /// The value that the rules imply, if they agree. It is only reported: nothing is corrected.
  package let suggestion: Suggestion?
}

/// The value that the violated rules imply for a cell.
package struct Suggestion: Sendable, Equatable {
  /// The implied value.
  package let value: FixedDecimal
  /// False if the value comes from a rule about rounded figures.
  package let isExact: Bool
  /// How the value follows, and which other rules hold with it.
  package let reason: String
}

/// The findings from reading the rows: rejected rows and duplicate values.
package struct RowFindings: Sendable, Equatable {
  var results: [QualityReport.RuleResult] = []
  var findings: [Finding] = []
  /// For each field of a rule about gaps its dates, ascending and without duplicates.
  var dates: [Int: [Day]] = [:]

  /// No findings.
  package init() {}
}

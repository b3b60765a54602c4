import Dataset

/// The result of checking a dataset against its description's rules: `netflix check`. Nothing is corrected.
public struct QualityReport: Sendable, Equatable {
  /// The result of one rule over all rows.
  public struct RuleResult: Sendable, Equatable {
    /// The rule's name.
    public let rule: String
    /// The rule's title; its name if it has none.
    public let title: String
    /// The rule's type in the description; `rows` for types and constraints.
    public let type: String
    /// How a violation is reported.
    public let severity: Rule.Severity
    /// The number of evaluations: rows, or cells.
    public let checked: Int
    /// The number of violations.
    public let violations: Int
    /// The worst measured value.
    public let measured: String
    /// The limit of the rule, in the same unit.
    public let limit: String
    /// The locations of the violations: dates, keys or lines, in order.
    public let places: [String]
  }

  /// A rule that these rows cannot be held to.
  public struct SkippedRule: Sendable, Equatable {
    public let rule: String
    public let reason: String
  }

  public let dataset: String
  public let origin: Provenance
  public let rules: [RuleResult]
  /// Rules of the description, or of reading a CSV, that do not apply where the rows are.
  public let skipped: [SkippedRule]
  public let findings: [Finding]
  /// Gaps that prevent a forecast of a series. They are not findings, and are left out if a rule of the description reports them.
  public let gaps: [Gap]

  /// The number of findings with severity error.
  public var errors: Int { findings.count { $0.severity == .error } }
  /// The number of findings with severity warning.
  public var warnings: Int { findings.count { $0.severity == .warning } }

  /// True if the program should end with 65: if there is an error or, if strict, any finding.
  public func fails(strict: Bool) -> Bool { strict ? !findings.isEmpty : errors > 0 }

  /// Evaluates the rules.
  /// - Parameters:
  ///   - snapshot: the facts; nil if the description has no star, so that only rules about rows apply.
  ///   - rows: the findings from reading the rows, collected by ``RowChecks`` or ``RawTableChecks``.
  public init(resource: Resource, snapshot: Snapshot?, rows: RowFindings = RowFindings(), origin: Provenance) {
    var results = rows.results
    var findings = rows.findings
    var skipped: [SkippedRule] = []
    func skip(_ rule: String, _ reason: String) { skipped.append(SkippedRule(rule: rule, reason: reason)) }
    if !results.contains(where: { $0.type == "rows" }) { skip("rows", "types and constraints are checked where a CSV is read") }
    let isWarehouse = !results.contains { $0.type == "unique" }
    for demand in UniquenessConstraint.all(of: resource) where isWarehouse { skip(demand.name, "the warehouse has one row per date") }
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
    self.origin = origin
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

import Dataset

/// Fields that must be unique: by a rule of the description, by a field's constraint, or as the primary key.
struct UniquenessConstraint: Equatable {
  let name: String
  let title: String
  let severity: Rule.Severity
  let fields: [Int]

  static func all(of resource: Resource) -> [UniquenessConstraint] {
    var demands = resource.rules.compactMap { rule -> UniquenessConstraint? in
      guard case .unique(let fields) = rule.check else { return nil }
      return UniquenessConstraint(name: rule.name, title: rule.title ?? rule.name, severity: rule.severity, fields: fields)
    }
    for (index, field) in resource.fields.enumerated() where field.constraints.unique && !demands.contains(where: { $0.fields == [index] })
    {
      demands.append(
        UniquenessConstraint(
          name: "unique-\(field.column)", title: "\(field.column) is unique (field constraint)", severity: .error, fields: [index]))
    }
    if !resource.primaryKey.isEmpty, !demands.contains(where: { $0.fields == resource.primaryKey }) {
      demands.append(
        UniquenessConstraint(name: "primary-key", title: "Each key occurs once", severity: .error, fields: resource.primaryKey))
    }
    return demands
  }

  func columns(_ resource: Resource) -> String { fields.map { resource.fields[$0].column }.joined(separator: ", ") }

  func result(checked: Int, violations: [(place: String, message: String)]) -> (QualityReport.RuleResult, [Finding]) {
    let result = QualityReport.RuleResult(
      rule: name, title: title, type: "unique", severity: severity, checked: checked, violations: violations.count,
      measured: String(violations.count), limit: "0", places: violations.map(\.place))
    let findings = violations.map { violation in
      Finding(
        place: .row(violation.place), severity: severity,
        evidence: [.init(rule: name, message: violation.message, measured: "1", limit: "0")], suggestion: nil)
    }
    return (result, findings)
  }
}

import Warehouse

/// The answer of /api/findings: what `netflix check --json` says, with a headline a finding.
enum FindingsAnswer {
  static func make(_ edition: Edition) -> JSON {
    .object([
      ("rules", .array(edition.quality.rules.map(\.json))),
      (
        "findings",
        .array(
          edition.quality.findings.map { finding in
            guard case .object(let members) = finding.json else { return finding.json }
            return .object([("headline", .string(finding.headline))] + members)
          })
      ),
    ])
  }
}

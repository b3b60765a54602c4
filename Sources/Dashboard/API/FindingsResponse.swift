import Warehouse

/// The answer of /api/findings: what `netflix check --json` says, with a headline a finding.
enum FindingsResponse {
  static func make(_ edition: DatasetVersion) -> JSON {
    // Rules about whole rows are asked of the CSV and of what landed; a warehouse has them in its keys. Unless broken they are left out, so
    // that the same rows have the same answer wherever they are read.
    let rules = edition.quality.rules.filter { $0.violations > 0 || !["rows", "unique"].contains($0.type) }
    return .object([
      ("rules", .array(rules.map(\.json))),
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

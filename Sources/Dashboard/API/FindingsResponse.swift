import Warehouse

/// The response of /api/findings: the report of `netflix check --json`, with a headline per finding.
enum FindingsResponse {
  static func make(_ edition: DatasetVersion) -> JSON {
    // Rules about whole rows are evaluated for the CSV and for the landed rows; in a warehouse the keys enforce them. They are omitted unless
    // violated, so that the same rows have the same response from every source.
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

import Dataset

extension QualityReport {
  /// `{"dataset","source","place","rows","errors","warnings","rules":[…],"skipped":[…],"findings":[…],"gaps":[…]}`.
  public var json: JSON {
    .object([
      ("dataset", .string(dataset)), ("source", .string(origin.kind.rawValue)), ("place", .string(origin.place)),
      ("rows", .integer(origin.rows)), ("errors", .integer(errors)), ("warnings", .integer(warnings)), ("rules", .array(rules.map(\.json))),
      ("skipped", .array(skipped.map { .object([("rule", .string($0.rule)), ("reason", .string($0.reason))]) })),
      ("findings", .array(findings.map(\.json))), ("gaps", .array(gaps.map(\.json))),
    ])
  }
}

extension QualityReport.RuleResult {
  /// One object of the report's `rules`.
  public var json: JSON {
    .object([
      ("rule", .string(rule)), ("title", .string(title)), ("type", .string(type)), ("severity", .string(severity.rawValue)),
      ("checked", .integer(checked)), ("violations", .integer(violations)), ("measured", .string(measured)), ("limit", .string(limit)),
      ("places", .array(places.map { .string($0) })),
    ])
  }
}

extension Finding {
  /// One object of the report's `findings`.
  public var json: JSON {
    var members: [(String, JSON)] = [("severity", .string(severity.rawValue))]
    switch place {
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
  public var json: JSON {
    .object([
      ("date", .string(date.iso)), ("region", .string(region)), ("metric", .string(metric)), ("column", .string(column)),
      ("value", .amount(value)),
    ])
  }
}

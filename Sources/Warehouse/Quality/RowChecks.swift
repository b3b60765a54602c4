import Dataset
import Postgres
import Support

/// Collects, row by row of a CSV, the results that depend on all rows: duplicate values, dates, and rejected rows.
package struct RowChecks {
  private let resource: Resource
  private let constraints: [UniquenessConstraint]
  /// For each constraint the line where each value first occurred.
  private var seen: [[[UInt8]: Int]]
  private var duplicates: [[(location: String, message: String)]]
  private var rejected: [RejectedRow] = []
  private var days: [Int: Set<Day>] = [:]
  /// Rows added so far, without rejected ones.
  package private(set) var rows = 0

  /// Creates checks for the constraints and rules of `resource`.
  package init(_ resource: Resource) {
    self.resource = resource
    constraints = UniquenessConstraint.all(of: resource)
    seen = constraints.map { _ in [:] }
    duplicates = constraints.map { _ in [] }
    for rule in resource.rules { if case .gapFree(let field, _) = rule.check { days[field] = [] } }
  }

  /// Adds a row with its 1-based line.
  package mutating func add(_ row: Row, line: Int) {
    rows += 1
    for (index, constraint) in constraints.enumerated() {
      // NULL equals nothing, as in SQL.
      if constraint.fields.contains(where: { row.cells[$0].kind == .null }) { continue }
      var value: [UInt8] = []
      for (position, field) in constraint.fields.enumerated() {
        // No text has this byte: ("a, b", "c") is not ("a", "b, c").
        if position > 0 { value.append(0) }
        let start = value.count
        row.appendText(of: field, to: &value)
        // 16.0 and 16 are one value.
        let isNumber = row.cells[field].kind == .decimal || row.cells[field].kind == .bigDecimal
        if isNumber, row.cells[field].scale > 0, !value[start...].contains(UInt8(ascii: "e")) {
          while value.last == UInt8(ascii: "0") { value.removeLast() }
          if value.last == UInt8(ascii: ".") { value.removeLast() }
        }
      }
      guard let first = seen[index][value] else {
        seen[index][value] = line
        continue
      }
      let shown = value.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }.joined(
        separator: ", ")
      duplicates[index].append(
        (
          location: "line \(line)",
          message: "\(constraint.columns(resource)) \(shown) is in line \(first) already"
        ))
    }
    for field in days.keys where row.cells[field].kind == .date { days[field]?.insert(Day(row.cells[field].payload)) }
  }

  /// Adds a rejected row.
  package mutating func add(_ row: RejectedRow) { rejected.append(row) }

  /// The results after the last row.
  package func finish() -> RowFindings {
    var all = RowFindings()
    all.findings += rejected.map { row in
      Finding(
        location: .row("line \(row.line), column \(row.column)"), severity: .error,
        evidence: [.init(rule: "rows", message: row.reason.text, measured: "1", limit: "0")], suggestion: nil)
    }
    all.results.append(
      QualityReport.RuleResult(
        rule: "rows", title: "Each row has the types and keeps the constraints of its columns", type: "rows", severity: .error,
        checked: rows + rejected.count, violations: rejected.count, measured: String(rejected.count), limit: "0",
        locations: rejected.map { "line \($0.line)" }))
    for (index, constraint) in constraints.enumerated() {
      let (result, findings) = constraint.result(checked: rows, violations: duplicates[index])
      all.results.append(result)
      all.findings += findings
    }
    all.dates = days.mapValues { $0.sorted() }
    return all
  }
}

/// Fields that must be unique: by a rule of the description, by a field's constraint, or as the primary key.
struct UniquenessConstraint: Equatable {
  let name: String
  let title: String
  let severity: Rule.Severity
  let fields: [Int]

  static func all(of resource: Resource) -> [UniquenessConstraint] {
    var constraints = resource.rules.compactMap { rule -> UniquenessConstraint? in
      guard case .unique(let fields) = rule.check else { return nil }
      return UniquenessConstraint(name: rule.name, title: rule.title ?? rule.name, severity: rule.severity, fields: fields)
    }
    for (index, field) in resource.fields.enumerated()
    where field.constraints.unique && !constraints.contains(where: { $0.fields == [index] }) {
      constraints.append(
        UniquenessConstraint(
          name: "unique-\(field.column)", title: "\(field.column) is unique (field constraint)", severity: .error, fields: [index]))
    }
    if !resource.primaryKey.isEmpty, !constraints.contains(where: { $0.fields == resource.primaryKey }) {
      constraints.append(
        UniquenessConstraint(name: "primary-key", title: "Each key occurs once", severity: .error, fields: resource.primaryKey))
    }
    return constraints
  }

  func columns(_ resource: Resource) -> String { fields.map { resource.fields[$0].column }.joined(separator: ", ") }

  func result(checked: Int, violations: [(location: String, message: String)]) -> (QualityReport.RuleResult, [Finding]) {
    let result = QualityReport.RuleResult(
      rule: name, title: title, type: "unique", severity: severity, checked: checked, violations: violations.count,
      measured: String(violations.count), limit: "0", locations: violations.map(\.location))
    let findings = violations.map { violation in
      Finding(
        location: .row(violation.location), severity: severity,
        evidence: [.init(rule: name, message: violation.message, measured: "1", limit: "0")], suggestion: nil)
    }
    return (result, findings)
  }
}

/// The same checks as ``RowChecks``, for landed rows, with queries in Postgres.
package enum RawTableChecks {
  /// Checks uniqueness and collects the dates. Throws PostgresError, or WarehouseError if there is no such table.
  package static func read(_ connection: PostgresConnection, table: String, resource: Resource) throws -> RowFindings {
    let quoted = try RawTable.requireTable(table, connection)
    var all = RowFindings()
    let rows = try connection.query("SELECT count(*) FROM \(quoted)").firstValue.flatMap { Int($0) } ?? 0
    for constraint in UniquenessConstraint.all(of: resource) {
      let columns = try constraint.fields.map { try connection.quoteIdentifier(resource.fields[$0].column) }
      let list = columns.joined(separator: ", ")
      let known = columns.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
      let text = columns.map { "\($0)::text" }.joined(separator: ", ")
      let repeated = try connection.query(
        "SELECT concat_ws(', ', \(text)), count(*) FROM \(quoted) WHERE \(known) GROUP BY \(list) HAVING count(*) > 1 ORDER BY \(list)")
      let violations = repeated.map { row in
        (location: row[0] ?? "", message: "\(constraint.columns(resource)) \(row[0] ?? "") is in \(row[1] ?? "") rows")
      }
      let (result, findings) = constraint.result(checked: rows, violations: violations)
      all.results.append(result)
      all.findings += findings
    }
    for rule in resource.rules {
      guard case .gapFree(let field, _) = rule.check, all.dates[field] == nil else { continue }
      let column = try connection.quoteIdentifier(resource.fields[field].column)
      let dates = try connection.query("SELECT DISTINCT \(column) FROM \(quoted) WHERE \(column) IS NOT NULL ORDER BY 1")
      all.dates[field] = dates.compactMap { $0[0].flatMap(Day.init(iso:)) }
    }
    return all
  }
}

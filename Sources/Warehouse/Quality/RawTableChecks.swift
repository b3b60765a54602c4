import Dataset
import Postgres

/// The same checks as ``RowChecks``, for landed rows, with queries in Postgres.
public enum RawTableChecks {
  /// Checks uniqueness and collects the dates. Throws PostgresError, or WarehouseError if there is no such table.
  public static func read(_ connection: PostgresConnection, table: String, resource: Resource) throws -> RowFindings {
    let quoted = try RawTable.requireTable(table, connection)
    var all = RowFindings()
    let rows = try connection.query("SELECT count(*) FROM \(quoted)").value.flatMap { Int($0) } ?? 0
    for demand in UniquenessConstraint.all(of: resource) {
      let columns = try demand.fields.map { try connection.quoteIdentifier(resource.fields[$0].column) }
      let list = columns.joined(separator: ", ")
      let known = columns.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
      let text = columns.map { "\($0)::text" }.joined(separator: ", ")
      let repeated = try connection.query(
        "SELECT concat_ws(', ', \(text)), count(*) FROM \(quoted) WHERE \(known) GROUP BY \(list) HAVING count(*) > 1 ORDER BY \(list)")
      let violations = repeated.map { row in
        (place: row[0] ?? "", message: "\(demand.columns(resource)) \(row[0] ?? "") is in \(row[1] ?? "") rows")
      }
      let (result, findings) = demand.result(checked: rows, violations: violations)
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

/// The statements that create and alter the table, and those that an error suggests to the user.
extension SinkSQL {
  var createTable: String {
    var lines = tableSchema.fields.map(definition)
    lines += TableSchema.lineage.map { "\(definition($0)) NOT NULL\($0.name == "landed_at" ? " DEFAULT now()" : "")" }
    if hasKey { lines.append("PRIMARY KEY (\(list(tableSchema.key)))") }
    return "CREATE TABLE \(names.table) (\n  \(lines.joined(separator: ",\n  "))\n)"
  }

  func addColumns(_ columns: [TableSchema.Column]) -> String {
    let clauses = columns.map { "ADD COLUMN \(definition($0))\($0.name == "landed_at" ? " DEFAULT now()" : "")" }
    return "ALTER TABLE \(names.table) \(clauses.joined(separator: ", "))"
  }

  // MARK: Statements for the user

  /// Changes the type of columns that differ.
  func changeTypes(_ differences: [TableSchema.TypeDifference]) -> String {
    let clauses = differences.map { "ALTER COLUMN \(list([$0.column.name])) TYPE \($0.column.type) USING \(converted($0))" }
    return "ALTER TABLE \(names.table) \(clauses.joined(separator: ", "));"
  }

  /// A column's value converted to the described type. Times without a zone are UTC, regardless of the session's time zone.
  private func converted(_ difference: TableSchema.TypeDifference) -> String {
    let column = list([difference.column.name])
    switch (difference.existing.split(separator: "(").first ?? "", difference.column.type) {
    case ("timestamp with time zone", "date"), ("timestamp with time zone", "time without time zone"):
      return "(\(column) AT TIME ZONE 'UTC')::\(difference.column.type)"
    case ("timestamp without time zone", "timestamp with time zone"): return "\(column) AT TIME ZONE 'UTC'"
    case ("date", "timestamp with time zone"): return "\(column)::timestamp AT TIME ZONE 'UTC'"
    default: return "\(column)::\(difference.column.type)"
    }
  }

  /// Counts the rows that a conversion would change: those whose value is different after converting it back.
  func countChanged(_ difference: TableSchema.TypeDifference) -> String {
    let column = list([difference.column.name])
    // Types without an equality operator are compared as text.
    let asText = ["json", "xml", "point"].contains(difference.existing) ? "::text" : ""
    return """
      SELECT count(*) FROM \(names.table)
      WHERE (\(converted(difference)))::\(difference.existing)\(asText) IS DISTINCT FROM \(column)\(asText)
      """
  }

  /// Adds a unique constraint on the key.
  var addKey: String { "ALTER TABLE \(names.table) ADD UNIQUE (\(list(tableSchema.key)));" }

  private var keyIsNotNull: String { tableSchema.key.map { "\(list([$0])) IS NOT NULL" }.joined(separator: " AND ") }

  /// Counts the keys that have several rows. A unique constraint ignores rows with NULL in the key.
  var countDuplicates: String {
    """
    SELECT count(*) FROM (SELECT 1 FROM \(onlyTable) WHERE \(keyIsNotNull) GROUP BY \(list(tableSchema.key)) HAVING count(*) > 1) AS repeated
    """
  }

  /// Deletes all but one row of each key; with the lineage columns it keeps the row that landed last.
  func deleteDuplicates(hasLineage: Bool) -> String {
    let order = (hasLineage ? "landed_at DESC NULLS LAST, kafka_offset DESC NULLS LAST, " : "") + "tableoid DESC, ctid DESC"
    return """
      DELETE FROM \(onlyTable) WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM (SELECT tableoid, ctid, \
      row_number() OVER (PARTITION BY \(list(tableSchema.key)) ORDER BY \(order)) AS place \
      FROM \(onlyTable) WHERE \(keyIsNotNull)) AS rows WHERE place > 1);
      """
  }
}

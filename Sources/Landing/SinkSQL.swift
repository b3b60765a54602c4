/// The texts of all statements about the table of rows. Names come quoted by libpq.
struct SinkSQL: Sendable {
  /// Names and values as SQL writes them.
  struct Names: Sendable {
    /// With their schema.
    var table: String
    var offsets: String
    var rejected: String
    /// The same as `table`, as a literal.
    var qualifiedName: String
    /// The table's name alone, as an identifier (the channel of NOTIFY) and as a literal.
    var channel: String
    var tableName: String
    var group: String
    var topic: String
    /// From a column's name to the quoted one.
    var columns: [String: String]
  }

  let tableSchema: TableSchema
  let names: Names
  /// Rows wait here for the INSERT; it lives as long as the session, or behind a pooler as long as the transaction.
  let stage = "pg_temp.netflix_stage"
  /// Tombstones delete their row.
  let deletes: Bool
  /// Rows without a key are inserted, too: COPY refuses a table under row security, and passes by its rules.
  var insertsRows = false

  /// The rows of a partitioned table are in other tables.
  var isPartitioned = false

  /// The table without those that inherit from it, which are somebody else's.
  var onlyTable: String { isPartitioned ? names.table : "ONLY \(names.table)" }

  var hasKey: Bool { !tableSchema.key.isEmpty }
  var hasStage: Bool { hasKey || insertsRows }

  func quoted(_ column: String) -> String { names.columns[column] ?? "\"\(column.replacing("\"", with: "\"\""))\"" }
  private func list(_ columns: [String]) -> String { columns.map { names.columns[$0] ?? $0 }.joined(separator: ", ") }
  private func definition(_ column: TableSchema.Column) -> String { "\(list([column.name])) \(column.type)" }

  private var copied: [String] { tableSchema.fields.map(\.name) + ["kafka_topic", "kafka_partition", "kafka_offset"] }

  // MARK: The table

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

  /// For columns whose type differs.
  func changeTypes(_ differences: [TableSchema.TypeDifference]) -> String {
    let clauses = differences.map { "ALTER COLUMN \(list([$0.column.name])) TYPE \($0.column.type) USING \(converted($0))" }
    return "ALTER TABLE \(names.table) \(clauses.joined(separator: ", "));"
  }

  /// A column's value in the described type. Times without a zone are UTC, whatever the zone of the session that runs this.
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

  /// How many rows a conversion would change: those whose value does not come back as it was.
  func countChanged(_ difference: TableSchema.TypeDifference) -> String {
    let column = list([difference.column.name])
    // Types that have no equality are compared as text.
    let asText = ["json", "xml", "point"].contains(difference.existing) ? "::text" : ""
    return """
      SELECT count(*) FROM \(names.table)
      WHERE (\(converted(difference)))::\(difference.existing)\(asText) IS DISTINCT FROM \(column)\(asText)
      """
  }

  /// For a key that is not unique.
  var addKey: String { "ALTER TABLE \(names.table) ADD UNIQUE (\(list(tableSchema.key)));" }

  private var hasUniqueConstraint: String { tableSchema.key.map { "\(list([$0])) IS NOT NULL" }.joined(separator: " AND ") }

  /// How many keys have several rows. Rows without a key do not matter to a unique constraint.
  var countDuplicates: String {
    """
    SELECT count(*) FROM (SELECT 1 FROM \(onlyTable) WHERE \(hasUniqueConstraint) GROUP BY \(list(tableSchema.key)) HAVING count(*) > 1) AS repeated
    """
  }

  /// Deletes all but one row of each key: the one that landed last, where the table says so.
  func deleteDuplicates(hasLineage: Bool) -> String {
    let order = (hasLineage ? "landed_at DESC NULLS LAST, kafka_offset DESC NULLS LAST, " : "") + "tableoid DESC, ctid DESC"
    return """
      DELETE FROM \(onlyTable) WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM (SELECT tableoid, ctid, \
      row_number() OVER (PARTITION BY \(list(tableSchema.key)) ORDER BY \(order)) AS place \
      FROM \(onlyTable) WHERE \(hasUniqueConstraint)) AS rows WHERE place > 1);
      """
  }

  // MARK: Landing

  /// - Parameter forTransaction: it ends with the transaction. One that another client of a pooler left in this session is not ours.
  func createStage(forTransaction: Bool) -> String {
    var lines = tableSchema.fields.map(definition) + TableSchema.lineage.prefix(3).map(definition)
    if deletes { lines.append("tombstone boolean") }
    let end = forTransaction ? "DROP" : "DELETE ROWS"
    // Without the notice that there is none.
    return """
      SET LOCAL client_min_messages = warning; DROP TABLE IF EXISTS \(stage); SET LOCAL client_min_messages TO DEFAULT; \
      CREATE TEMPORARY TABLE netflix_stage (\(lines.joined(separator: ", "))) ON COMMIT \(end)
      """
  }

  var copyRows: String { "COPY \(names.table) (\(list(copied))) FROM STDIN (FORMAT binary)" }

  var copyStage: String { "COPY \(stage) (\(list(copied))\(deletes ? ", tombstone" : "")) FROM STDIN (FORMAT binary)" }

  /// A contiguous part of what was staged, in the order in which it was read; nil: all of it. Offsets of a partition only grow, so a part is a
  /// range of each partition's offsets.
  typealias OffsetRanges = [Int32: ClosedRange<Int64>]

  private func condition(_ part: OffsetRanges?) -> String {
    guard let part else { return "" }
    let ranges = part.sorted { $0.key < $1.key }.map { partition, offsets in
      "kafka_partition = \(partition) AND kafka_offset BETWEEN \(offsets.lowerBound) AND \(offsets.upperBound)"
    }
    return " WHERE \(ranges.isEmpty ? "false" : ranges.joined(separator: " OR "))"
  }

  /// The last version of each key.
  private func latest(_ part: OffsetRanges?) -> String {
    let key = list(tableSchema.key)
    return "(SELECT DISTINCT ON (\(key)) * FROM \(stage)\(condition(part)) ORDER BY \(key), kafka_offset DESC) AS latest"
  }

  /// What was staged goes into the table: with a key the last version of each key, in the order of keys, so that two consumers lock rows in
  /// one order.
  func insertStaged(_ part: OffsetRanges? = nil) -> String {
    let into = """
      INSERT INTO \(names.table) (\(list(copied + ["landed_at"])))
      OVERRIDING SYSTEM VALUE
      SELECT \(list(copied)), now()
      """
    guard hasKey else { return "\(into)\nFROM \(stage)\(condition(part))" }
    let key = list(tableSchema.key)
    let changes = (copied.filter { !tableSchema.key.contains($0) } + ["landed_at"]).map { "\(list([$0])) = excluded.\(list([$0]))" }
    return """
      \(into)
      FROM \(latest(part))
      \(deletes ? "WHERE NOT tombstone\n" : "")ORDER BY \(key)
      ON CONFLICT (\(key)) DO UPDATE SET \(changes.joined(separator: ", "))
      """
  }

  /// The rows whose key's last message is a tombstone.
  func deleteStaged(_ part: OffsetRanges? = nil) -> String {
    let match = tableSchema.key.map { "row.\(list([$0])) = latest.\(list([$0]))" }.joined(separator: " AND ")
    return """
      DELETE FROM \(onlyTable) AS row
      USING \(latest(part))
      WHERE latest.tombstone AND \(match)
      """
  }

  var notify: String { "NOTIFY \(names.channel)" }

  /// The same as `notify`, and whether the described columns still have the described types: a narrower one would round values without an
  /// error. Asked after the rows were written, when nobody can alter the table before the transaction ends.
  var notifyAndCheck: String {
    let place = "\(names.qualifiedName)::regclass"
    func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }
    let columns = tableSchema.columns.map { literal("\($0.name) \($0.type)") }.joined(separator: ", ")
    return """
      SELECT pg_notify(\(names.tableName), ''), \(tableSchema.columns.count) = (
        SELECT count(*) FROM pg_attribute
        WHERE attrelid = \(place) AND attname || ' ' || format_type(atttypid, atttypmod) = ANY (ARRAY[\(columns)]))
        AND (SELECT relpersistence <> 'u' FROM pg_class WHERE oid = \(place))
      """
  }
}

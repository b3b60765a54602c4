/// The SQL text of all statements. Names are quoted by libpq beforehand.
struct SinkSQL: Sendable {
  /// Identifiers and literals in SQL syntax.
  struct Names: Sendable {
    /// The three tables, with their schema.
    var table: String
    var offsets: String
    var rejected: String
    /// The same as `table`, as a string literal.
    var qualifiedName: String
    /// The table's name without its schema, as an identifier (the channel of NOTIFY) and as a literal.
    var channel: String
    var tableName: String
    var group: String
    var topic: String
    /// The quoted name of each column.
    var columns: [String: String]
  }

  let tableSchema: TableSchema
  let names: Names
  /// The staging table for the INSERT; it exists as long as the session, or behind a pooler as long as the transaction.
  let stage = "pg_temp.netflix_stage"
  /// Whether tombstones delete their row.
  let deletes: Bool
  /// Whether a row of a later offset of the same partition stays as it is.
  var keepsNewer = false
  /// Whether rows without a key are inserted with INSERT, too: COPY FROM does not support row-level security and ignores rules.
  var insertsRows = false

  /// The rows of a partitioned table are in other tables.
  var isPartitioned = false

  /// The table without those that inherit from it, which are somebody else's.
  var onlyTable: String { isPartitioned ? names.table : "ONLY \(names.table)" }

  var hasKey: Bool { !tableSchema.key.isEmpty }
  var hasStage: Bool { hasKey || insertsRows }

  func quoted(_ column: String) -> String { names.columns[column] ?? "\"\(column.replacing("\"", with: "\"\""))\"" }
  func list(_ columns: [String]) -> String { columns.map { names.columns[$0] ?? $0 }.joined(separator: ", ") }
  func definition(_ column: TableSchema.Column) -> String { "\(list([column.name])) \(column.type)" }

  private var copied: [String] { tableSchema.fields.map(\.name) + ["kafka_topic", "kafka_partition", "kafka_offset"] }

  /// - Parameter forTransaction: drop the table at the end of the transaction. It is always recreated, since another client of a pooler may
  ///   have left one in this session.
  func createStage(forTransaction: Bool) -> String {
    var lines = tableSchema.fields.map(definition) + TableSchema.lineage.prefix(3).map(definition)
    if deletes { lines.append("tombstone boolean") }
    let end = forTransaction ? "DROP" : "DELETE ROWS"
    // IF EXISTS would print a notice.
    return """
      SET LOCAL client_min_messages = warning; DROP TABLE IF EXISTS \(stage); SET LOCAL client_min_messages TO DEFAULT; \
      CREATE TEMPORARY TABLE netflix_stage (\(lines.joined(separator: ", "))) ON COMMIT \(end)
      """
  }

  var copyRows: String { "COPY \(names.table) (\(list(copied))) FROM STDIN (FORMAT binary)" }

  var copyStage: String { "COPY \(stage) (\(list(copied))\(deletes ? ", tombstone" : "")) FROM STDIN (FORMAT binary)" }

  /// A contiguous part of the staged rows, in the order in which they were read; nil means all rows. Offsets of a partition only grow, so a
  /// part is one range of offsets per partition.
  typealias OffsetRanges = [Int32: ClosedRange<Int64>]

  private func staged(_ part: OffsetRanges?) -> String {
    guard let part else { return stage }
    let ranges = part.sorted { $0.key < $1.key }.map { partition, offsets in
      "kafka_partition = \(partition) AND kafka_offset BETWEEN \(offsets.lowerBound) AND \(offsets.upperBound)"
    }
    return "\(stage) WHERE \(ranges.isEmpty ? "false" : ranges.joined(separator: " OR "))"
  }

  /// The types of the columns that are copied into the staging table, which are those of the arrays.
  var copiedTypes: [ColumnType] { tableSchema.types + [.text, .integer, .bigint] + (deletes ? [.boolean] : []) }

  /// The rows of a small batch, which needs no staging table: parameters of a statement, one array for each column.
  private var arrays: String {
    let values = copiedTypes.enumerated().map { index, type in "$\(index + 1)::\(type.rawValue)[]" }
    return "unnest(\(values.joined(separator: ", "))) AS batch (\(list(copied))\(deletes ? ", tombstone" : ""))"
  }

  /// The last version of each key.
  private func latest(of rows: String) -> String {
    let key = list(tableSchema.key)
    return "(SELECT DISTINCT ON (\(key)) * FROM \(rows) ORDER BY \(key), kafka_offset DESC) AS latest"
  }

  /// Inserts the staged rows into the table. With a key: the last version of each key, in key order, so that two consumers lock rows in the
  /// same order.
  func insertStaged(_ part: OffsetRanges? = nil) -> String { insert(staged(part)) }

  /// The same for the rows in the statement's parameters.
  var insertArrays: String { insert(arrays) }

  private func insert(_ rows: String) -> String {
    let into = """
      INSERT INTO \(names.table) (\(list(copied + ["landed_at"])))
      OVERRIDING SYSTEM VALUE
      SELECT \(list(copied)), now()
      """
    guard hasKey else { return "\(into)\nFROM \(rows)" }
    let key = list(tableSchema.key)
    let changes = (copied.filter { !tableSchema.key.contains($0) } + ["landed_at"]).map { "\(list([$0])) = excluded.\(list([$0]))" }
    return """
      \(into)
      FROM \(latest(of: rows))
      \(deletes ? "WHERE NOT tombstone\n" : "")ORDER BY \(key)
      ON CONFLICT (\(key)) DO UPDATE SET \(changes.joined(separator: ", "))\(keepsNewer ? " WHERE \(isOlder(names.table, than: "excluded"))" : "")
      """
  }

  /// Whether a row is not from a later message of the same partition than another row.
  private func isOlder(_ row: String, than other: String) -> String {
    "(\(row).kafka_topic, \(row).kafka_partition) IS DISTINCT FROM (\(other).kafka_topic, \(other).kafka_partition) "
      + "OR \(row).kafka_offset <= \(other).kafka_offset"
  }

  /// Deletes the rows whose key's last staged record is a tombstone.
  func deleteTombstoned(_ part: OffsetRanges? = nil) -> String { delete(staged(part)) }

  /// The same for the rows in the statement's parameters.
  var deleteTombstonedArrays: String { delete(arrays) }

  private func delete(_ rows: String) -> String {
    let match = tableSchema.key.map { "row.\(list([$0])) = latest.\(list([$0]))" }.joined(separator: " AND ")
    return """
      DELETE FROM \(onlyTable) AS row
      USING \(latest(of: rows))
      WHERE latest.tombstone AND \(match)\(keepsNewer ? " AND (\(isOlder("row", than: "latest")))" : "")
      """
  }

  var notify: String { "NOTIFY \(names.channel)" }

  /// The same as `notify`, and whether the described columns still have the described types: a narrower one would round values without an
  /// error. Asked after the rows were written, when nobody can alter the table before the transaction ends.
  var notifyAndCheckTypes: String {
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

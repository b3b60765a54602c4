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
  /// Whether rows without a key are inserted with INSERT, too: COPY FROM does not support row-level security and ignores rules.
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

  // MARK: Landing

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

  /// Inserts the staged rows into the table. With a key: the last version of each key, in key order, so that two consumers lock rows in the
  /// same order.
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

  /// Deletes the rows whose key's last staged record is a tombstone.
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

/// One of the tables that the consumer makes for itself.
struct BookkeepingTable: Sendable {
  struct Column: Sendable {
    let name: String
    let type: String
    var constraints = ""
    /// The column's name in tables that versions before 1.0 created.
    var oldName: String?
  }

  /// Quoted, with its schema.
  let name: String
  let columns: [Column]
  /// The columns of its primary key.
  let key: [String]

  var create: String {
    let lines = columns.map { [$0.name, $0.type, $0.constraints].filter { !$0.isEmpty }.joined(separator: " ") }
    return "CREATE TABLE \(name) (\((lines + (key.isEmpty ? [] : ["PRIMARY KEY (\(list))"])).joined(separator: ", ")))"
  }

  /// The statement that gives a column of an older version its present name.
  func rename(_ column: Column) -> String { "ALTER TABLE \(name) RENAME COLUMN \(column.oldName ?? column.name) TO \(column.name);" }

  private var list: String { key.joined(separator: ", ") }

  /// Of rows with one key the one stays that is furthest: no offset passes a message that was not landed, rejected or deleted.
  var makeUnique: String {
    """
    DELETE FROM \(name) WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM (SELECT tableoid, ctid, \
    row_number() OVER (PARTITION BY \(list) ORDER BY next_offset DESC NULLS LAST) AS place FROM \(name)) AS rows WHERE place > 1);
    ALTER TABLE \(name) ADD UNIQUE (\(list));
    """
  }

  /// What somebody added to the table that can refuse or suppress a row, each with the statement that removes it.
  var findAdditions: String {
    """
    SELECT format('ALTER TABLE %s DISABLE TRIGGER %I;', tgrelid::regclass, tgname) FROM pg_trigger
    WHERE tgrelid = to_regclass($1) AND NOT tgisinternal AND tgenabled <> 'D'
    UNION ALL
    SELECT format('DROP RULE %I ON %s;', rulename, ev_class::regclass) FROM pg_rewrite
    WHERE ev_class = to_regclass($1) AND ev_type <> '1' AND ev_enabled <> 'D'
    UNION ALL
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I;', conrelid::regclass, conname) FROM pg_constraint
    WHERE conrelid = to_regclass($1) AND contype IN ('c', 'f', 'x'\(key.isEmpty ? ", 'p', 'u'" : ""))
    UNION ALL
    SELECT format('DROP INDEX %s;', indexrelid::regclass) FROM pg_index
    WHERE indrelid = to_regclass($1) AND indisunique AND \(key.isEmpty)
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    """
  }
}

extension SinkSQL {
  static let offsetsTable = "netflix_offsets"
  static let rejectedTable = "netflix_rejected"

  /// The columns that both tables begin with.
  private static let coordinates: [BookkeepingTable.Column] = [
    .init(name: "table_name", type: "text", constraints: "NOT NULL"),
    .init(name: "consumer_group", type: "text", constraints: "NOT NULL"),
    .init(name: "kafka_topic", type: "text", constraints: "NOT NULL", oldName: "topic"),
    .init(name: "kafka_partition", type: "integer", constraints: "NOT NULL", oldName: "partition"),
  ]

  var offsets: BookkeepingTable {
    BookkeepingTable(
      name: names.offsets,
      columns: Self.coordinates + [
        .init(name: "next_offset", type: "bigint"),
        .init(name: "cluster_id", type: "text"),
        .init(name: "kafka_offset", type: "bigint", oldName: "last_offset"),
        .init(name: "last_timestamp", type: "bigint"),
        .init(name: "updated_at", type: "timestamp with time zone", oldName: "moved_at"),
      ], key: Self.coordinates.map(\.name))
  }

  /// The rows of this table, group and topic in the bookkeeping tables.
  private var isThisConsumer: String {
    "table_name = \(names.tableName) AND consumer_group = \(names.group) AND kafka_topic = \(names.topic)"
  }

  /// Inserts missing rows. A partition that was never read has a row with next_offset NULL, so that the row can be locked.
  func insertOffsets(_ partitions: [Int32]) -> String {
    let values = partitions.sorted().map { "(\(names.tableName), \(names.group), \(names.topic), \($0))" }
    return """
      INSERT INTO \(names.offsets) (table_name, consumer_group, kafka_topic, kafka_partition) VALUES \(values.joined(separator: ", "))
      ON CONFLICT DO NOTHING RETURNING kafka_partition
      """
  }

  /// Of partitions without a row: whether rows of theirs are in the table although no group has offsets for them any more, and whether this
  /// group has rejected records of theirs.
  ///
  /// - Parameters:
  ///   - seen: partitions that had a row earlier in this run.
  ///   - inRows: whether to look for rows.
  func findTraces(of partitions: [Int32], seen: [Int32], inRows: Bool) -> String {
    func array(_ numbers: [Int32]) -> String { "ARRAY[\(numbers.sorted().map(String.init).joined(separator: ", "))]::integer[]" }
    let landed = """
      CASE WHEN number = ANY (\(array(seen))) OR NOT EXISTS (
          SELECT FROM \(names.offsets) WHERE table_name = \(names.tableName) AND kafka_topic = \(names.topic) AND kafka_partition = number)
        THEN coalesce(number IN (SELECT kafka_partition FROM \(names.table) WHERE kafka_topic = \(names.topic)), false) ELSE false END
      """
    return """
      SELECT number, \(inRows ? landed : "false"), EXISTS (SELECT FROM \(names.rejected) WHERE \(isThisConsumer) AND kafka_partition = number)
      FROM unnest(\(array(partitions))) AS number ORDER BY number
      """
  }

  /// Offsets behind the last messages of these partitions that are in the table or were rejected.
  func restoreOffsets(_ partitions: [Int32]) -> String {
    let numbers = partitions.sorted().map(String.init).joined(separator: ", ")
    return """
      INSERT INTO \(names.offsets) (table_name, consumer_group, kafka_topic, kafka_partition, next_offset) \
      SELECT \(names.tableName), \(names.group), \(names.topic), number, max(place) + 1 FROM (\
      SELECT kafka_partition AS number, kafka_offset AS place FROM \(names.table) WHERE kafka_topic = \(names.topic) UNION ALL \
      SELECT kafka_partition, kafka_offset FROM \(names.rejected) WHERE \(isThisConsumer)) AS landed WHERE number IN (\(numbers)) GROUP BY number;
      """
  }

  var readOffsets: String {
    "SELECT kafka_partition, next_offset, cluster_id, kafka_offset, last_timestamp FROM \(names.offsets) WHERE \(isThisConsumer) ORDER BY kafka_partition"
  }

  /// Locks rows in partition order and returns their current offsets.
  func lockOffsets(_ partitions: [Int32]) -> String {
    """
    SELECT kafka_partition, next_offset FROM \(names.offsets)
    WHERE \(isThisConsumer) AND kafka_partition IN (\(partitions.sorted().map(String.init).joined(separator: ", "))) ORDER BY kafka_partition FOR UPDATE
    """
  }

  /// Advances offsets from their expected values; a row with another value is not changed.
  func commitOffsets(_ moves: [OffsetCommit], cluster: String) -> String {
    func text(_ number: Int64?) -> String { number.map { "\($0)" } ?? "NULL" }
    let values = moves.map { move in
      "(\(move.partition), \(text(move.expected))::bigint, \(move.next)::bigint, \(text(move.last?.offset))::bigint, \(text(move.last?.timestamp))::bigint)"
    }
    return """
      UPDATE \(names.offsets) AS stored
      SET next_offset = moved.next, cluster_id = \(cluster), updated_at = now(),
        kafka_offset = coalesce(moved.last, stored.kafka_offset), last_timestamp = coalesce(moved.at, stored.last_timestamp)
      FROM (VALUES \(values.joined(separator: ", "))) AS moved (number, expected, next, last, at)
      WHERE \(isThisConsumer) AND stored.kafka_partition = moved.number AND stored.next_offset IS NOT DISTINCT FROM moved.expected
      """
  }

  // MARK: Resets

  /// The key of this table's advisory lock. Other tables share netflix_offsets, and a reset must not wait for their transactions.
  private var tableLock: String { "hashtextextended('netflix_offsets ' || \(names.qualifiedName), 0)" }

  /// The shared lock that every transaction which advances offsets of the table holds.
  var lockForCommit: String { "SELECT pg_advisory_xact_lock_shared(\(tableLock))" }

  /// Waits for transactions that advance offsets of this table and blocks new ones until the reset ends.
  var lockForReset: String {
    """
    SELECT pg_advisory_xact_lock(\(tableLock));
    SELECT 1 FROM \(names.offsets) WHERE table_name = \(names.tableName) ORDER BY consumer_group, kafka_topic, kafka_partition FOR UPDATE
    """
  }

  /// - Parameter wholeTable: all groups and topics of the table; otherwise only this group and topic.
  func resetOffsetsToNull(wholeTable: Bool) -> String {
    """
    UPDATE \(names.offsets) SET next_offset = NULL, cluster_id = NULL, kafka_offset = NULL, last_timestamp = NULL, updated_at = now()
    WHERE \(wholeTable ? "table_name = \(names.tableName)" : isThisConsumer)
    """
  }

  func deleteRejected(wholeTable: Bool) -> String {
    "DELETE FROM \(names.rejected) WHERE \(wholeTable ? "table_name = \(names.tableName)" : isThisConsumer)"
  }

  func deleteRejected(_ partitions: [Int32]) -> String {
    "\(deleteRejected(wholeTable: false)) AND kafka_partition IN (\(partitions.map(String.init).joined(separator: ", ")))"
  }

  /// Whether offsets or rejected records are left of what was forgotten.
  func isForgotten(wholeTable: Bool) -> String {
    let scope = wholeTable ? "table_name = \(names.tableName)" : isThisConsumer
    return """
      SELECT NOT EXISTS (SELECT FROM \(names.offsets) WHERE \(scope) AND next_offset IS NOT NULL),
        NOT EXISTS (SELECT FROM \(names.rejected) WHERE \(scope))
      """
  }

  /// Not TRUNCATE: a reader with an older snapshot still sees its rows, and a right to delete is enough.
  var deleteRows: String { "DELETE FROM \(onlyTable)" }

  var isEmpty: String { "SELECT NOT EXISTS (SELECT FROM \(onlyTable))" }

  /// Tables that inherit from this one and have rows of the topic: a trigger put them there, or somebody moved them.
  var findHeirs: String {
    "SELECT DISTINCT tableoid::regclass FROM \(names.table) WHERE kafka_topic = \(names.topic) AND tableoid <> \(names.qualifiedName)::regclass ORDER BY 1"
  }

  // MARK: Rejected records

  var rejected: BookkeepingTable {
    BookkeepingTable(
      name: names.rejected,
      columns: Self.coordinates + [
        .init(name: "kafka_offset", type: "bigint", constraints: "NOT NULL", oldName: "message_offset"),
        .init(name: "key", type: "bytea"),
        .init(name: "payload", type: "bytea"),
        .init(name: "reason", type: "text", constraints: "NOT NULL"),
        .init(name: "rejected_at", type: "timestamp with time zone", constraints: "NOT NULL DEFAULT now()"),
      ], key: [])
  }

  var copyRejected: String {
    """
    COPY \(names.rejected) (table_name, consumer_group, kafka_topic, kafka_partition, kafka_offset, key, payload, reason) \
    FROM STDIN (FORMAT binary)
    """
  }
}

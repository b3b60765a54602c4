/// One of the tables that the consumer makes for itself.
struct Ledger: Sendable {
  /// Quoted, with its schema.
  let name: String
  let columns: [(name: String, type: String, more: String)]
  /// The columns of its primary key.
  let key: [String]

  var create: String {
    let lines = columns.map { [$0.name, $0.type, $0.more].filter { !$0.isEmpty }.joined(separator: " ") }
    return "CREATE TABLE \(name) (\((lines + (key.isEmpty ? [] : ["PRIMARY KEY (\(list))"])).joined(separator: ", ")))"
  }

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

  var offsets: Ledger {
    Ledger(
      name: names.offsets,
      columns: [
        ("table_name", "text", "NOT NULL"), ("consumer_group", "text", "NOT NULL"), ("topic", "text", "NOT NULL"),
        ("partition", "integer", "NOT NULL"), ("next_offset", "bigint", ""), ("cluster_id", "text", ""), ("last_offset", "bigint", ""),
        ("last_timestamp", "bigint", ""), ("moved_at", "timestamp with time zone", ""),
      ], key: ["table_name", "consumer_group", "topic", "partition"])
  }

  private var wasCreatedByUs: String { "table_name = \(names.tableName) AND consumer_group = \(names.group) AND topic = \(names.topic)" }

  /// Inserts missing rows. A partition that was never read has a row with next_offset NULL, so that the row can be locked.
  func insertOffsets(_ partitions: [Int32]) -> String {
    let values = partitions.sorted().map { "(\(names.tableName), \(names.group), \(names.topic), \($0))" }
    return """
      INSERT INTO \(names.offsets) (table_name, consumer_group, topic, partition) VALUES \(values.joined(separator: ", "))
      ON CONFLICT DO NOTHING RETURNING partition
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
          SELECT FROM \(names.offsets) WHERE table_name = \(names.tableName) AND topic = \(names.topic) AND partition = number)
        THEN coalesce(number IN (SELECT kafka_partition FROM \(names.table) WHERE kafka_topic = \(names.topic)), false) ELSE false END
      """
    return """
      SELECT number, \(inRows ? landed : "false"), EXISTS (SELECT FROM \(names.rejected) WHERE \(wasCreatedByUs) AND partition = number)
      FROM unnest(\(array(partitions))) AS number ORDER BY number
      """
  }

  /// Offsets behind the last messages of these partitions that are in the table or were rejected.
  func restoreOffsets(_ partitions: [Int32]) -> String {
    let numbers = partitions.sorted().map(String.init).joined(separator: ", ")
    return """
      INSERT INTO \(names.offsets) (table_name, consumer_group, topic, partition, next_offset) \
      SELECT \(names.tableName), \(names.group), \(names.topic), number, max(place) + 1 FROM (\
      SELECT kafka_partition AS number, kafka_offset AS place FROM \(names.table) WHERE kafka_topic = \(names.topic) UNION ALL \
      SELECT partition, message_offset FROM \(names.rejected) WHERE \(wasCreatedByUs)) AS landed WHERE number IN (\(numbers)) GROUP BY number;
      """
  }

  var readOffsets: String {
    "SELECT partition, next_offset, cluster_id, last_offset, last_timestamp FROM \(names.offsets) WHERE \(wasCreatedByUs) ORDER BY partition"
  }

  /// Locks rows in partition order and returns their current offsets.
  func lockOffsets(_ partitions: [Int32]) -> String {
    """
    SELECT partition, next_offset FROM \(names.offsets)
    WHERE \(wasCreatedByUs) AND partition IN (\(partitions.sorted().map(String.init).joined(separator: ", "))) ORDER BY partition FOR UPDATE
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
      SET next_offset = moved.next, cluster_id = \(cluster), moved_at = now(),
        last_offset = coalesce(moved.last, stored.last_offset), last_timestamp = coalesce(moved.at, stored.last_timestamp)
      FROM (VALUES \(values.joined(separator: ", "))) AS moved (number, expected, next, last, at)
      WHERE \(wasCreatedByUs) AND stored.partition = moved.number AND stored.next_offset IS NOT DISTINCT FROM moved.expected
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
    SELECT 1 FROM \(names.offsets) WHERE table_name = \(names.tableName) ORDER BY consumer_group, topic, partition FOR UPDATE
    """
  }

  /// - Parameter wholeTable: all groups and topics of the table; otherwise only this group and topic.
  func deleteOffsets(wholeTable: Bool) -> String {
    """
    UPDATE \(names.offsets) SET next_offset = NULL, cluster_id = NULL, last_offset = NULL, last_timestamp = NULL, moved_at = now()
    WHERE \(wholeTable ? "table_name = \(names.tableName)" : wasCreatedByUs)
    """
  }

  func deleteRejected(wholeTable: Bool) -> String {
    "DELETE FROM \(names.rejected) WHERE \(wholeTable ? "table_name = \(names.tableName)" : wasCreatedByUs)"
  }

  func deleteRejected(_ partitions: [Int32]) -> String {
    "\(deleteRejected(wholeTable: false)) AND partition IN (\(partitions.map(String.init).joined(separator: ", ")))"
  }

  /// Whether offsets or rejected records are left of what was forgotten.
  func isForgotten(wholeTable: Bool) -> String {
    let scope = wholeTable ? "table_name = \(names.tableName)" : wasCreatedByUs
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

  var rejected: Ledger {
    Ledger(
      name: names.rejected,
      columns: [
        ("table_name", "text", "NOT NULL"), ("consumer_group", "text", "NOT NULL"), ("topic", "text", "NOT NULL"),
        ("partition", "integer", "NOT NULL"), ("message_offset", "bigint", "NOT NULL"), ("key", "bytea", ""), ("payload", "bytea", ""),
        ("reason", "text", "NOT NULL"), ("rejected_at", "timestamp with time zone", "NOT NULL DEFAULT now()"),
      ], key: [])
  }

  var copyRejected: String {
    """
    COPY \(names.rejected) (table_name, consumer_group, topic, partition, message_offset, key, payload, reason) \
    FROM STDIN (FORMAT binary)
    """
  }
}

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

  /// When each offset last changed.
  var readUpdates: String { "SELECT kafka_partition, \(Self.time("updated_at")) FROM \(names.offsets) WHERE \(isThisConsumer)" }

  var countRejected: String {
    "SELECT kafka_partition, count(*) FROM \(names.rejected) WHERE \(isThisConsumer) GROUP BY kafka_partition"
  }

  /// Time and coordinates of the row of the topic that landed last; reads the whole table, which has no index for it.
  var lastLanded: String {
    """
    SELECT \(Self.time("landed_at")), kafka_partition, kafka_offset FROM \(names.table)
    WHERE kafka_topic = \(names.topic) ORDER BY landed_at DESC NULLS LAST, kafka_offset DESC LIMIT 1
    """
  }

  /// Locks rows in partition order and returns their current offsets.
  func lockOffsets(_ partitions: [Int32]) -> String {
    """
    SELECT kafka_partition, next_offset FROM \(names.offsets)
    WHERE \(isThisConsumer) AND kafka_partition IN (\(partitions.sorted().map(String.init).joined(separator: ", "))) ORDER BY kafka_partition FOR UPDATE
    """
  }

  /// Advances offsets from their expected values; a row with another value is not changed.
  func advanceOffsets(_ commits: [OffsetCommit], cluster: String) -> String {
    func text(_ number: Int64?) -> String { number.map { "\($0)" } ?? "NULL" }
    let values = commits.map { commit in
      "(\(commit.partition), \(text(commit.expected))::bigint, \(commit.next)::bigint, \(text(commit.last?.offset))::bigint, \(text(commit.last?.timestamp))::bigint)"
    }
    return """
      UPDATE \(names.offsets) AS stored
      SET next_offset = commits.next, cluster_id = \(cluster), updated_at = now(),
        kafka_offset = coalesce(commits.last_offset, stored.kafka_offset), last_timestamp = coalesce(commits.last_timestamp, stored.last_timestamp)
      FROM (VALUES \(values.joined(separator: ", "))) AS commits (number, expected, next, last_offset, last_timestamp)
      WHERE \(isThisConsumer) AND stored.kafka_partition = commits.number AND stored.next_offset IS NOT DISTINCT FROM commits.expected
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

  /// Sets the offsets of partitions to any value; NULL is the start of the log. Which message was read last is unknown then.
  func setOffsets(_ next: [(partition: Int32, next: Int64?)], cluster: String) -> String {
    let values = next.map { "(\($0.partition), \($0.next.map { "\($0)" } ?? "NULL")::bigint)" }
    return """
      UPDATE \(names.offsets) AS stored
      SET next_offset = changes.next, cluster_id = CASE WHEN changes.next IS NOT NULL THEN \(cluster) END, kafka_offset = NULL,
        last_timestamp = NULL, updated_at = now()
      FROM (VALUES \(values.joined(separator: ", "))) AS changes (number, next)
      WHERE \(isThisConsumer) AND stored.kafka_partition = changes.number
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

  /// The rejected records of messages, whose coordinates ascend. The range keeps the rows few that are compared with each of them.
  func rejected(at places: [(partition: Int32, offset: Int64)]) -> String {
    let values = places.map { "(\($0.partition), \($0.offset)::bigint)" }
    return """
      FROM \(names.rejected) WHERE \(isThisConsumer) AND (kafka_partition, kafka_offset) >= \(values.first ?? "(0, 0)")
        AND (kafka_partition, kafka_offset) <= \(values.last ?? "(0, 0)")
        AND (kafka_partition, kafka_offset) IN (VALUES \(values.joined(separator: ", ")))
      """
  }

  /// The rejected records of a range of offsets that is read again: they are rejected again, or land.
  func rejected(of partition: Int32, _ offsets: Range<Int64>) -> String {
    """
    FROM \(names.rejected) WHERE \(isThisConsumer) AND kafka_partition = \(partition) AND kafka_offset >= \(offsets.lowerBound) \
    AND kafka_offset < \(offsets.upperBound)
    """
  }

  /// Whether all offsets of the scope are NULL, and whether no rejected record is left in it.
  func verifyReset(wholeTable: Bool) -> String {
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
  var findInheritingTables: String {
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

  /// A time as text: RFC 3339, in UTC.
  static func time(_ column: String) -> String { "to_char(\(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')" }

  /// The first line of the reason: behind it, Postgres describes the single row.
  static let shortReason = "split_part(reason, E'\\n', 1)"

  /// The rejected records of a `RejectFilter`, whose values are the parameters $1 to $4.
  var whereRejected: String {
    """
    FROM \(names.rejected) WHERE \(isThisConsumer) AND ($1::text IS NULL OR strpos(reason, $1) > 0)
      AND ($2::bigint IS NULL OR rejected_at >= timestamptz 'epoch' + $2 * interval '1 microsecond')
      AND ($3::integer IS NULL OR kafka_partition = $3) AND ($4::bigint IS NULL OR kafka_offset = $4)
    """
  }

  /// The next rejected records behind a place, with all rows of each place, since a message that was read again is there several times.
  func nextRejected(behind place: (partition: Int32, offset: Int64), limit: Int, bytes: Int) -> String {
    """
    WITH places AS MATERIALIZED (
      SELECT kafka_partition, kafka_offset FROM (
        SELECT kafka_partition, kafka_offset, row_number() OVER places AS number, sum(size) OVER places AS sum FROM (
          SELECT kafka_partition, kafka_offset, sum(coalesce(octet_length(key), 0) + coalesce(octet_length(payload), 0)) AS size
          \(whereRejected) AND (kafka_partition, kafka_offset) > (\(place.partition), \(place.offset)::bigint)
          GROUP BY kafka_partition, kafka_offset ORDER BY kafka_partition, kafka_offset LIMIT \(limit)) AS places
        WINDOW places AS (ORDER BY kafka_partition, kafka_offset)) AS sums
      WHERE number = 1 OR sum <= \(bytes))
    SELECT kafka_partition, kafka_offset, encode(key, 'hex'), encode(payload, 'hex'), reason, \(Self.time("rejected_at"))
    FROM \(names.rejected) WHERE \(isThisConsumer) AND (kafka_partition, kafka_offset) > (\(place.partition), \(place.offset)::bigint)
      AND (kafka_partition, kafka_offset)
        <= (SELECT kafka_partition, kafka_offset FROM places ORDER BY kafka_partition DESC, kafka_offset DESC LIMIT 1)
      AND (kafka_partition, kafka_offset) IN (SELECT kafka_partition, kafka_offset FROM places)
    ORDER BY kafka_partition, kafka_offset
    """
  }
}

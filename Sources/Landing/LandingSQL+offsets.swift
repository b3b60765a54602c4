extension LandingSQL {
  static let offsetsTable = "netflix_offsets"
  static let rejectedTable = "netflix_rejected"

  var createOffsets: String {
    """
    CREATE TABLE \(names.offsets) (
      table_name text NOT NULL,
      consumer_group text NOT NULL,
      topic text NOT NULL,
      partition integer NOT NULL,
      next_offset bigint,
      cluster_id text,
      last_offset bigint,
      last_timestamp bigint,
      moved_at timestamp with time zone,
      PRIMARY KEY (table_name, consumer_group, topic, partition)
    )
    """
  }

  private var isOurs: String { "table_name = \(names.tableName) AND consumer_group = \(names.group) AND topic = \(names.topic)" }

  /// A partition that was never read has a row with next_offset NULL: so that it can be locked.
  func insertOffsets(_ partitions: [Int32]) -> String {
    let values = partitions.sorted().map { "(\(names.tableName), \(names.group), \(names.topic), \($0))" }
    return """
      INSERT INTO \(names.offsets) (table_name, consumer_group, topic, partition) VALUES \(values.joined(separator: ", "))
      ON CONFLICT DO NOTHING
      """
  }

  var readOffsets: String {
    "SELECT partition, next_offset, cluster_id, last_offset, last_timestamp FROM \(names.offsets) WHERE \(isOurs) ORDER BY partition"
  }

  /// Locks rows in the order of partitions and answers what they hold by then.
  func lockOffsets(_ partitions: [Int32]) -> String {
    """
    SELECT partition, next_offset FROM \(names.offsets)
    WHERE \(isOurs) AND partition IN (\(partitions.sorted().map(String.init).joined(separator: ", "))) ORDER BY partition FOR UPDATE
    """
  }

  /// Moves offsets from where they are expected; a row that is elsewhere is not touched.
  func moveOffsets(_ moves: [Move], cluster: String) -> String {
    func text(_ number: Int64?) -> String { number.map { "\($0)" } ?? "NULL" }
    let values = moves.map { move in
      "(\(move.partition), \(text(move.expected))::bigint, \(move.next)::bigint, \(text(move.last?.offset))::bigint, \(text(move.last?.timestamp))::bigint)"
    }
    return """
      UPDATE \(names.offsets) AS stored
      SET next_offset = moved.next, cluster_id = \(cluster), moved_at = now(),
        last_offset = coalesce(moved.last, stored.last_offset), last_timestamp = coalesce(moved.at, stored.last_timestamp)
      FROM (VALUES \(values.joined(separator: ", "))) AS moved (number, expected, next, last, at)
      WHERE \(isOurs) AND stored.partition = moved.number AND stored.next_offset IS NOT DISTINCT FROM moved.expected
      """
  }

  // MARK: Resets

  /// The number of this table's advisory lock. Other tables share netflix_offsets: their transactions are not waited for.
  private var tableLock: String { "hashtextextended('netflix_offsets ' || \(names.place), 0)" }

  /// Every transaction that moves offsets of the table holds it.
  var lockForMove: String { "SELECT pg_advisory_xact_lock_shared(\(tableLock))" }

  /// Waits for transactions that moved offsets of this table and keeps out others until the reset's end.
  var lockForReset: String {
    """
    SELECT pg_advisory_xact_lock(\(tableLock));
    SELECT 1 FROM \(names.offsets) WHERE table_name = \(names.tableName) ORDER BY consumer_group, topic, partition FOR UPDATE
    """
  }

  /// - Parameter wholeTable: all groups and topics of the table, else this group and topic.
  func forgetOffsets(wholeTable: Bool) -> String {
    """
    UPDATE \(names.offsets) SET next_offset = NULL, cluster_id = NULL, last_offset = NULL, last_timestamp = NULL, moved_at = now()
    WHERE \(wholeTable ? "table_name = \(names.tableName)" : isOurs)
    """
  }

  func deleteRejected(wholeTable: Bool) -> String {
    "DELETE FROM \(names.rejected) WHERE \(wholeTable ? "table_name = \(names.tableName)" : isOurs)"
  }

  /// Not TRUNCATE: a reader with an older snapshot still sees its rows, and a right to delete is enough.
  var deleteRows: String { "DELETE FROM \(names.table)" }

  var isEmpty: String { "SELECT NOT EXISTS (SELECT FROM \(names.table))" }

  // MARK: What cannot be a row

  var createRejected: String {
    """
    CREATE TABLE \(names.rejected) (
      table_name text NOT NULL,
      consumer_group text NOT NULL,
      topic text NOT NULL,
      partition integer NOT NULL,
      message_offset bigint NOT NULL,
      key bytea,
      payload bytea,
      reason text NOT NULL,
      rejected_at timestamp with time zone NOT NULL DEFAULT now()
    )
    """
  }

  var copyRejected: String {
    """
    COPY \(names.rejected) (table_name, consumer_group, topic, partition, message_offset, key, payload, reason) \
    FROM STDIN (FORMAT binary)
    """
  }
}

import Dataset
import Kafka
import Postgres

/// The Postgres side of the sink: one session, the table, its offsets and its rejects.
///
/// `@unchecked`: the reader's thread and the writer's thread use it in turns, never at the same time; a semaphore passes it between them.
/// libpq's manual (34.20): "One thread restriction is that no two threads attempt to manipulate the same PGconn object at the same time."
final class PostgresStore: @unchecked Sendable {
  let options: SinkOptions
  let resource: Resource
  let tableSchema: TableSchema
  let log: KafkaLog
  private let waiting: PostgresWaitState
  /// Maximum time to open a session, in seconds.
  var connectSeconds = Double.infinity
  /// Partitions that had a row of offsets since this run began, or since the table was made.
  var seenPartitions: Set<Int32> = []
  private var session: PostgresConnection?
  /// The statements for the table in its resolved schema; nil until `ensureSchema`.
  var sql: SinkSQL?
  var rejectEncoder: RejectRowEncoder
  /// The id of the Kafka cluster; nil if the broker reports none.
  var cluster: String?
  /// Whether `resetOffsets` has run: with `replace`, the rows are deleted by then.
  var wasReset = false

  init(options: SinkOptions, resource: Resource, log: KafkaLog, waiting: PostgresWaitState = PostgresWaitState()) throws(SinkError) {
    self.options = options
    self.waiting = waiting
    self.log = log
    self.resource = resource
    tableSchema = try TableSchema(resource)
    rejectEncoder = RejectRowEncoder(table: options.table, group: options.group, topic: options.topic)
  }

  /// The session; a new one if the last one broke. The outcome of the old session's transaction is unknown then: the caller must read the
  /// stored offsets again.
  func connection() throws -> PostgresConnection {
    if let session, session.isUsable { return session }
    session?.close()
    session = nil
    let log = log
    let connection = try PostgresConnection.open(
      options.database, applicationName: "netflix-consumer", seconds: min(10, max(1, connectSeconds)), waitState: waiting
    ) { notice in
      log(notice.severity == "WARNING" ? .warning : .debug, "Postgres: \(notice.message)")
    }
    session = connection
    do {
      if let sql { try createStage(sql, connection) }
    } catch {
      close()
      throw error
    }
    return connection
  }

  /// Creates the staging table of a session. Behind a pooler each transaction creates its own.
  func createStage(_ sql: SinkSQL, _ connection: PostgresConnection) throws(PostgresError) {
    if sql.hasStage, !connection.isPooled { try connection.execute(sql.createStage(forTransaction: false)) }
  }

  /// What limits a transaction's waits for locks to the time that is left; empty where the session's own limit does.
  var lockTimeout: String {
    connectSeconds < PostgresConnection.lockSeconds ? "SET LOCAL lock_timeout = \(max(1, Int(connectSeconds * 1000)))" : ""
  }

  var isConnected: Bool { session?.isUsable ?? false }

  /// Closes the session, which rolls back an open transaction.
  func close() {
    session?.close()
    session = nil
  }

  /// Rolls back a failed transaction; closes the session if that fails.
  func rollback() {
    guard let session else { return }
    do { try session.rollback() } catch { close() }
  }

  func statements() throws -> SinkSQL {
    guard let sql else { throw SinkError(.internal, "the table was used before it was checked") }
    return sql
  }
}

extension PostgresStore {
  /// Reads the stored offsets of this table, group and topic; inserts a row for each of `partitions` that has none.
  func loadOffsets(_ partitions: [Int32]) throws -> [StoredOffset] {
    let connection = try connection()
    let sql = try statements()
    let stored = try read(connection, sql)
    let known = Set(stored.map(\.partition))
    let new = partitions.filter { !known.contains($0) }
    guard !new.isEmpty else { return stored }
    try connection.transaction(lockTimeout) { connection in try insert(new, connection, sql) }
    let complete = try read(connection, sql)
    guard Set(complete.map(\.partition)).isSuperset(of: new) else { throw try altered(sql.offsets, "an INSERT adds no row") }
    return complete
  }

  /// Gives partitions a row of offsets. One that had a row, or has rows in a table without a key, lost it: our programs never delete one.
  private func insert(_ partitions: [Int32], _ connection: PostgresConnection, _ sql: SinkSQL) throws {
    // Without a key the right to INSERT is enough to land.
    let mayRead = try !sql.hasKey && connection.query("SELECT has_table_privilege($1, 'SELECT')", [sql.names.table]).firstValue == "t"
    let traces = try connection.query(sql.findTraces(of: partitions, seen: seenPartitions.sorted(), inRows: mayRead))
    func numbers(where isTrue: ([String?]) -> Bool) -> [Int32] { traces.filter(isTrue).compactMap { $0[0].flatMap { Int32($0) } } }
    let doubled = numbers { $0[1] == "t" }
    guard doubled.isEmpty else {
      throw SinkError(
        .configuration,
        "rows of partition \(doubled.map(String.init).joined(separator: ", ")) of topic \(options.topic) are in \(sql.names.table), and their "
          + "offsets are not in \(sql.names.offsets), where somebody deleted them: without a key, reading the topic again would double the rows",
        hint: "to replace the rows, run once with --exit-at-end --from-beginning --replace; to go on behind the last one, run:\n"
          + sql.restoreOffsets(doubled))
    }
    let lost = numbers { row in row[2] == "t" || seenPartitions.contains { "\($0)" == row[0] } }
    let inserted = try using(sql.offsets) { try connection.query(sql.insertOffsets(partitions)) }.compactMap { $0[0].flatMap { Int32($0) } }
    let restarted = lost.filter { inserted.contains($0) }
    guard !restarted.isEmpty else { return }
    log(
      .warning,
      "the offsets of topic \(options.topic), partition \(restarted.map(String.init).joined(separator: ", ")) were deleted from "
        + "\(sql.names.offsets): reading it from the start")
    // They come again.
    try using(sql.rejected) { _ = try connection.execute(sql.deleteRejected(restarted)) }
  }

  /// Reads the stored offsets if there are any; writes nothing.
  func loadOffsetsIfPresent() throws -> [StoredOffset] {
    let connection = try connection()
    let sql = try texts(connection)
    guard try connection.query("SELECT to_regclass($1)", [sql.names.offsets]).firstValue != nil else { return [] }
    try check(sql.offsets, connection)
    return try read(connection, sql)
  }

  private func read(_ connection: PostgresConnection, _ sql: SinkSQL) throws -> [StoredOffset] {
    // Somebody may have locked the whole table.
    let rows =
      try lockTimeout.isEmpty ? connection.query(sql.readOffsets) : connection.transaction(lockTimeout) { try $0.query(sql.readOffsets) }
    let stored: [StoredOffset] = rows.compactMap { row in
      guard let partition = row[0].flatMap({ Int32($0) }) else { return nil }
      let last = row[3].flatMap { Int64($0) }.map { OffsetCommit.LastRecord(offset: $0, timestamp: row[4].flatMap { Int64($0) } ?? -1) }
      return StoredOffset(partition: partition, next: row[1].flatMap { Int64($0) }, cluster: row[2], last: last)
    }
    seenPartitions.formUnion(stored.map(\.partition))
    return stored
  }

  /// Advances offsets inside the open transaction.
  ///
  /// - Returns: false, and nothing is changed, if a stored offset is not the expected one.
  func commitOffsets(_ moves: [OffsetCommit], _ connection: PostgresConnection, _ sql: SinkSQL) throws -> Bool {
    guard !moves.isEmpty else { return true }
    let moves = moves.sorted { $0.partition < $1.partition }
    let held = try using(sql.offsets) { try connection.query(sql.lockOffsets(moves.map(\.partition))) }
    guard held.count == moves.count else { return false }
    for (row, move) in zip(held, moves) where row[1].flatMap({ Int64($0) }) != move.expected { return false }
    let cluster = try cluster.map { try connection.quoteLiteral($0) } ?? "NULL"
    guard try using(sql.offsets, { try connection.execute(sql.commitOffsets(moves, cluster: cluster)) }) == moves.count else {
      throw try altered(sql.offsets, "an UPDATE changes no row, although the row is there")
    }
    return true
  }

  /// Ends sessions of other runs that hold offsets in a COPY that receives no data: the run was stopped (SIGSTOP) or is cut off. No timeout
  /// of the server ends them: idle_in_transaction_session_timeout does not count in a COPY, statement_timeout does not interrupt the wait
  /// for data (measured), and the kernel acknowledges keepalives. Their batch is rolled back, and the next run reads it again.
  func endStuckSessions() {
    guard let sql, let connection = try? connection() else { return }
    let ended = try? connection.query(
      """
      SELECT pid, extract(epoch FROM clock_timestamp() - state_change)::int, pg_terminate_backend(pid)
      FROM pg_stat_activity AS session
      WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
        AND state = 'active' AND wait_event = 'ClientRead' AND query LIKE 'COPY %'
        AND state_change < clock_timestamp() - make_interval(secs => \(options.stuckSessionTimeoutSeconds))
        AND EXISTS (
          SELECT FROM pg_locks WHERE pg_locks.pid = session.pid AND granted AND mode = 'RowExclusiveLock'
            AND relation = to_regclass('\(sql.names.offsets.replacing("'", with: "''"))'))
      """)
    for row in ended?.rows ?? [] {
      log(.warning, "Postgres: ended session \(row[0] ?? "?"): it held offsets and sent nothing for \(row[1] ?? "?") s")
    }
  }

  /// Resets offsets and rejected records in one transaction, under a lock against other runs on the same table.
  ///
  /// - Parameters:
  ///   - wholeTable: reset all groups and topics of the table; otherwise only this group and topic.
  ///   - deletingRows: delete the table's rows, too.
  func resetOffsets(wholeTable: Bool, deletingRows: Bool) throws {
    let sql = try statements()
    try connection().transaction(lockTimeout) { connection in
      // The order matters: a transaction that advanced an offset before has ended once this one holds the lock.
      try connection.execute(sql.lockForReset)
      try forget(wholeTable: wholeTable, connection, sql)
      if deletingRows {
        do {
          try connection.execute(sql.deleteRows)
        } catch let error as PostgresError {
          guard error.isRaisedByFunction || error.kind == .data else { throw error }
          throw SinkError(
            .configuration, "the rows of table \(sql.names.table) cannot be deleted: \(error)",
            hint:
              "a trigger or a foreign key of another table refuses the DELETE: remove it, or the rows that refer to this table, and run again"
          )
        }
        guard try connection.query(sql.isEmpty).firstValue == "t" else {
          throw SinkError(
            .configuration, "table \(sql.names.table) still has rows after DELETE: landing the topic again would double them",
            hint: "a trigger or rule on the table suppresses the DELETE: remove it, or run:\nTRUNCATE \(sql.onlyTable);")
        }
        let heirs = sql.isPartitioned ? [] : try connection.query(sql.findHeirs).compactMap { $0[0] }
        guard heirs.isEmpty else {
          throw SinkError(
            .configuration,
            "rows of topic \(options.topic) are in \(heirs.joined(separator: ", ")), which inherits from \(sql.names.table) and is not emptied: landing the "
              + "topic again would double them",
            hint: "delete these rows, or separate the tables:\n"
              + heirs.map { "ALTER TABLE \($0) NO INHERIT \(sql.names.table);" }.joined(separator: "\n"))
        }
      }
      // Empty, it takes the constraint that its rows may have stood against.
      if deletingRows, sql.hasKey, try !isUnique(sql.names.table, tableSchema.key, connection) { try connection.execute(sql.addKey) }
      if deletingRows { try connection.execute(sql.notify) }
    }
    wasReset = true
  }
}

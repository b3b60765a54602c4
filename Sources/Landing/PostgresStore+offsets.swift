import Postgres

extension PostgresStore {
  /// Reads the stored offsets of this table, group and topic; inserts a row for each of `partitions` that has none.
  func loadOffsets(creatingMissing partitions: [Int32] = []) throws -> [StoredOffset] {
    let connection = try connection()
    let sql = try statements()
    let stored = try readOffsets(connection, sql)
    let known = Set(stored.map(\.partition))
    let new = partitions.filter { !known.contains($0) }
    guard !new.isEmpty else { return stored }
    try connection.transaction(lockTimeout) { connection in try insertOffsetRows(new, connection, sql) }
    let complete = try readOffsets(connection, sql)
    guard Set(complete.map(\.partition)).isSuperset(of: new) else { throw try alterationError(sql.offsets, "an INSERT adds no row") }
    return complete
  }

  /// Gives partitions a row of offsets. One that had a row, or has rows in a table without a key, lost it: our programs never delete one.
  private func insertOffsetRows(_ partitions: [Int32], _ connection: PostgresConnection, _ sql: SinkSQL) throws {
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
    let inserted = try accessing(sql.offsets) { try connection.query(sql.insertOffsets(partitions)) }.compactMap {
      $0[0].flatMap { Int32($0) }
    }
    let restarted = lost.filter { inserted.contains($0) }
    guard !restarted.isEmpty else { return }
    log(
      .warning,
      "the offsets of topic \(options.topic), partition \(restarted.map(String.init).joined(separator: ", ")) were deleted from "
        + "\(sql.names.offsets): reading it from the start")
    // They come again.
    try accessing(sql.rejected) { _ = try connection.execute(sql.deleteRejected(restarted)) }
  }

  /// Reads the stored offsets if there are any; writes nothing.
  func loadOffsetsIfPresent() throws -> [StoredOffset] {
    let connection = try connection()
    let sql = try resolveStatements(connection)
    guard try connection.query("SELECT to_regclass($1)", [sql.names.offsets]).firstValue != nil else { return [] }
    try checkBookkeepingTable(sql.offsets, connection)
    return try readOffsets(connection, sql)
  }

  private func readOffsets(_ connection: PostgresConnection, _ sql: SinkSQL) throws -> [StoredOffset] {
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

  /// Begins a transaction and advances offsets, in one round trip.
  ///
  /// - Parameter settings: statements before that.
  /// - Returns: false, and nothing is changed, if a stored offset is not the expected one.
  func begin(_ settings: String, advancing commits: [OffsetCommit], _ connection: PostgresConnection, _ sql: SinkSQL) throws -> Bool {
    // Several rows are locked in their order first, so that two runs do not wait for each other; the UPDATE itself locks one.
    let lock = commits.count > 1 ? sql.lockOffsets(commits.map(\.partition)) + "; " : ""
    let advance = try advanceStatement(commits, connection, sql)
    let advanced = try accessing(sql.offsets) { try connection.begin("BEGIN", "\(settings); \(lock)\(advance)") }
    if advanced == commits.count { return true }
    // Another run advanced them, or something on the table suppresses the UPDATE: one statement after the other shows which.
    try connection.rollback()
    try connection.begin("BEGIN", settings)
    return try advanceOffsets(commits, connection, sql)
  }

  private func advanceStatement(_ commits: [OffsetCommit], _ connection: PostgresConnection, _ sql: SinkSQL) throws -> String {
    sql.advanceOffsets(
      commits.sorted { $0.partition < $1.partition }, cluster: try cluster.map { try connection.quoteLiteral($0) } ?? "NULL")
  }

  /// Advances offsets inside the open transaction.
  ///
  /// - Returns: false, and nothing is changed, if a stored offset is not the expected one.
  private func advanceOffsets(_ commits: [OffsetCommit], _ connection: PostgresConnection, _ sql: SinkSQL) throws -> Bool {
    let commits = commits.sorted { $0.partition < $1.partition }
    let locked = try accessing(sql.offsets) { try connection.query(sql.lockOffsets(commits.map(\.partition))) }
    guard locked.count == commits.count else { return false }
    for (row, commit) in zip(locked, commits) where row[1].flatMap({ Int64($0) }) != commit.expected { return false }
    guard try accessing(sql.offsets, { try connection.execute(advanceStatement(commits, connection, sql)) }) == commits.count else {
      throw try alterationError(sql.offsets, "an UPDATE changes no row, although the row is there")
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
      try resetOffsetsAndRejects(wholeTable: wholeTable, connection, sql)
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
        let inheriting = sql.isPartitioned ? [] : try connection.query(sql.findInheritingTables).compactMap { $0[0] }
        guard inheriting.isEmpty else {
          throw SinkError(
            .configuration,
            "rows of topic \(options.topic) are in \(inheriting.joined(separator: ", ")), which inherits from \(sql.names.table) and is not emptied: landing the "
              + "topic again would double them",
            hint: "delete these rows, or separate the tables:\n"
              + inheriting.map { "ALTER TABLE \($0) NO INHERIT \(sql.names.table);" }.joined(separator: "\n"))
        }
      }
      // Empty, it takes the constraint that its rows may have stood against.
      if deletingRows, sql.hasKey, try !isUnique(sql.names.table, tableSchema.key, connection) { try connection.execute(sql.addKey) }
      if deletingRows { try connection.execute(sql.notify) }
    }
    wasReset = true
  }

  /// Sets offsets to NULL and deletes rejected records.
  ///
  /// - Parameter wholeTable: of all groups and topics of the table, else of this group and topic.
  func resetOffsetsAndRejects(wholeTable: Bool, _ connection: PostgresConnection, _ sql: SinkSQL) throws {
    try accessing(sql.offsets) { _ = try connection.execute(sql.resetOffsetsToNull(wholeTable: wholeTable)) }
    try accessing(sql.rejected) { _ = try connection.execute(sql.deleteRejected(wholeTable: wholeTable)) }
    let reset = try connection.query(sql.verifyReset(wholeTable: wholeTable)).first
    if reset?[0] != "t" { throw try alterationError(sql.offsets, "an UPDATE changes no row, although the row is there") }
    if reset?[1] != "t" { throw try alterationError(sql.rejected, "a DELETE leaves rows behind") }
  }
}

import Postgres

extension PostgresStore {
  /// Lands a batch in one transaction: offsets, rows, rejects.
  ///
  /// - Returns: false if a stored offset was not the expected one, or a record to land again is no longer rejected; then nothing was written.
  /// - Throws: `SuspectedRecordError` if a record may have caused the error, otherwise `PostgresError` or `SinkError`. The caller must roll
  ///   back the transaction.
  func land(_ batch: Batch) throws -> Bool {
    // A new session may be connected to a server that lost commits in a crash, so the stored offsets must be read again first.
    guard isConnected else { throw PostgresError(kind: .unavailable, message: "the session with Postgres broke") }
    let connection = try connection()
    let sql = try statements()
    // The probe of an idle follower: does the server respond, and has nobody changed the offsets?
    guard !batch.offsetCommits.isEmpty || !batch.replayed.isEmpty else {
      return try hasExpectedOffsets(batch, connection, sql)
    }
    // Rows and offsets stand or fall together: a crash that takes back a commit takes back both, and Kafka still has the messages.
    let settings = [lockTimeout, batch.isDurable ? "" : "SET LOCAL synchronous_commit = off", sql.lockForCommit].filter { !$0.isEmpty }
    guard try begin(settings.joined(separator: "; "), advancing: batch.offsetCommits, connection, sql),
      try hasExpectedOffsets(batch, connection, sql), try deleteReplayed(batch, connection, sql)
    else {
      try connection.rollback()
      return false
    }
    let marks = (rejects: batch.rejects.count, counts: batch.counts)
    do {
      if batch.isIsolating {
        // Bisecting blames no record for such an error. Once the time for retries is used up, a last attempt does.
        try attributingToRecords(where: \.isRetriable) { try insertIsolating(batch, connection, sql) }
      } else if !batch.rows.isEmpty {
        try attributingToRecords { try insertRows(batch, connection, sql) }
      }
      if !batch.rejects.isEmpty { try insertRejects(batch, connection, sql) }
      if batch.counts.landed > 0 || batch.counts.deleted > 0 {
        guard try connection.queryPrepared(sql.notifyAndCheckTypes).first?[1] == "t" else {
          throw PostgresError(kind: .schema, message: "table \(sql.names.table) was altered")
        }
      }
      try attributingToRecords { try connection.commit() }
    } catch {
      // After a COMMIT with an unknown outcome the batch is read again, and its counts say what may have been committed.
      if ((error as? SuspectedRecordError)?.error ?? error as? PostgresError)?.commitOutcomeUnknown == true { throw error }
      // The rejects of this attempt are rolled back with the transaction; the same batch may be written again.
      batch.rejects.truncate(to: marks.rejects)
      batch.counts = marks.counts
      batch.forgetRejected()
      throw error
    }
    return true
  }

  /// Whether nobody has changed the offsets that the batch does not advance.
  private func hasExpectedOffsets(_ batch: Batch, _ connection: PostgresConnection, _ sql: SinkSQL) throws -> Bool {
    if batch.expectedOffsets.isEmpty, !batch.offsetCommits.isEmpty || !batch.replayed.isEmpty { return true }
    let stored = try loadOffsets(sql, connection)
    return batch.expectedOffsets.allSatisfy { partition, next in stored.contains { $0.partition == partition && $0.next == next } }
  }

  /// Deletes the rejected records that the batch lands again.
  ///
  /// - Returns: false if some were replayed or purged by another program.
  private func deleteReplayed(_ batch: Batch, _ connection: PostgresConnection, _ sql: SinkSQL) throws -> Bool {
    try batch.replayed.isEmpty || deleteRejected(sql.rejected(at: batch.replayed), count: batch.replayed.count, connection, sql)
  }

  /// Deletes rejected records in the open transaction.
  ///
  /// - Parameter selection: a FROM clause with a condition.
  /// - Returns: whether there were as many.
  /// - Throws: `SinkError` of kind `configuration` if something on the table keeps them.
  func deleteRejected(_ selection: String, count: Int, _ connection: PostgresConnection, _ sql: SinkSQL) throws -> Bool {
    if try accessing(sql.rejected, { try connection.execute("DELETE " + selection) }) == count { return true }
    guard try connection.query("SELECT count(*) " + selection).firstValue == "0" else {
      throw try alterationError(sql.rejected, "a DELETE leaves rejected records")
    }
    return false
  }

  /// Marks an error of the server as one that a record may have caused: a replay shows whether it did.
  private func attributingToRecords(where mayBeOne: (PostgresError) -> Bool = { _ in true }, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let failure as IndependentError {
      throw failure.error
    } catch let error as PostgresError where error.sqlstate != nil && mayBeOne(error) {
      throw SuspectedRecordError(error: error)
    }
  }

  /// A rejected record that is refused in turn – by a CHECK of a user's on that table – would be looked for without end, and one that a
  /// trigger suppresses would be lost.
  private func insertRejects(_ batch: Batch, _ connection: PostgresConnection, _ sql: SinkSQL) throws {
    let inserted = try accessing(sql.rejected) { try copyIn(batch.rejects, batch.rejects.rows, sql.copyRejected, connection) }
    guard inserted == batch.counts.rejected else {
      throw try alterationError(sql.rejected, "of \(batch.counts.rejected) rejected records \(inserted) were inserted")
    }
  }

  private func insertRows(_ batch: Batch, _ connection: PostgresConnection, _ sql: SinkSQL) throws {
    guard sql.hasStage else {
      try copyIn(batch.rows, batch.rows.rows, sql.copyRows, connection)
      return
    }
    guard batch.counts.received > Self.maxArrayRows || batch.rows.count > Self.maxArrayBytes else {
      let columns = batch.rows.columns(sql.copiedTypes).map(PostgresParameter.bytes)
      if batch.counts.deleted > 0 { try connection.queryPrepared(sql.deleteTombstonedArrays, parameters: columns) }
      try connection.queryPrepared(sql.insertArrays, parameters: columns)
      return
    }
    if connection.isPooled { try connection.execute(sql.createStage(forTransaction: true)) }
    try copyIn(batch.rows, batch.rows.rows, sql.copyStage, connection)
    if sql.deletes { try connection.execute(sql.deleteTombstoned()) }
    try connection.execute(sql.insertStaged())
  }

  // MARK: Message by message

  /// Lands the records in order and rejects those that the server does not accept.
  ///
  /// All rows are staged once: a row that even the staging table does not accept (too large) is rejected there. Then parts of them are
  /// inserted into the table, by ranges of offsets.
  private func insertIsolating(_ batch: Batch, _ connection: PostgresConnection, _ sql: SinkSQL) throws {
    guard !batch.entries.isEmpty else { return }
    try connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    guard sql.hasStage else {
      return try insertBisecting(batch, batch.entries, connection) { try copyPart(batch.rows, $0, sql.copyRows, connection) }
    }
    if connection.isPooled { try connection.execute(sql.createStage(forTransaction: true)) }
    try insertBisecting(batch, batch.entries, connection) { try copyPart(batch.rows, $0, sql.copyStage, connection) }
    try insertBisecting(batch, batch.entries.filter { !batch.hasRejected($0) }, connection) { entries in
      let part = offsetRanges(of: entries)
      // One round trip, which is the main cost of a part of one record.
      try connection.execute(
        "SAVEPOINT part; \(sql.deletes ? sql.deleteTombstoned(part) + "; " : "")\(sql.insertStaged(part)); RELEASE SAVEPOINT part")
    }
  }

  /// Copies the rows of a part under a savepoint.
  private func copyPart(
    _ rows: BinaryCopyBuffer, _ entries: ArraySlice<Batch.BufferedRecord>, _ statement: String, _ connection: PostgresConnection
  ) throws {
    try connection.execute("SAVEPOINT part")
    try copyIn(rows, byteRange(of: entries), statement, connection)
    try connection.execute("RELEASE SAVEPOINT part")
  }

  /// The byte range of the rows of a part, which is contiguous; an empty range for an empty part.
  private func byteRange(of entries: ArraySlice<Batch.BufferedRecord>) -> Range<Int> {
    guard let first = entries.first, let last = entries.last else { return BinaryCopyBuffer.header.count..<BinaryCopyBuffer.header.count }
    return first.row.lowerBound..<last.row.upperBound
  }

  private func offsetRanges(of entries: ArraySlice<Batch.BufferedRecord>) -> SinkSQL.OffsetRanges {
    entries.reduce(into: [:]) { part, entry in
      let range = part[entry.partition] ?? entry.offset...entry.offset
      part[entry.partition] = min(range.lowerBound, entry.offset)...max(range.upperBound, entry.offset)
    }
  }

  /// Inserts all records; if that fails, each half, and so on down to one record. A record that fails alone is rejected, unless the same
  /// statements also fail without any record.
  ///
  /// - Parameter insert: inserts some records under a savepoint named `part`, and releases it.
  private func insertBisecting(
    _ batch: Batch, _ entries: [Batch.BufferedRecord], _ connection: PostgresConnection,
    _ insert: (ArraySlice<Batch.BufferedRecord>) throws -> Void
  ) throws {
    var works = false
    var landsAny = false
    var doubtful: [(entry: Batch.BufferedRecord, error: PostgresError)] = []
    // A stack of the parts still to be inserted: the last one is next.
    var parts = [entries[...]]
    while let part = parts.popLast() {
      guard let first = part.first else { continue }
      do {
        try insert(part)
        landsAny = true
      } catch let error as PostgresError
        where error.mayDependOnRecord(blamesRetriableErrors: batch.blamesRetriableErrors) && connection.isUsable
      {
        try connection.execute("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part")
        if part.count > 1 {
          let middle = part.startIndex + part.count / 2
          parts += [part[middle...], part[..<middle]]
        } else {
          // One check per transaction is enough.
          if !works { try checkWithoutRecords(connection, insert) }
          works = true
          if error.kind == .schema, !error.isRaisedByFunction {
            doubtful.append((first, error))
          } else {
            batch.reject(first, reason: error.rejectionReason, with: rejectEncoder)
          }
        }
      }
    }
    // If a trigger's table is missing for every record, the error does not depend on a record.
    if !landsAny, let error = doubtful.first?.error { throw error }
    for (entry, error) in doubtful { batch.reject(entry, reason: error.rejectionReason, with: rejectEncoder) }
  }

  /// Runs the statements that failed for one record without any record: if they fail again, the error does not depend on a record.
  private func checkWithoutRecords(_ connection: PostgresConnection, _ land: (ArraySlice<Batch.BufferedRecord>) throws -> Void) throws {
    do {
      try connection.execute("SAVEPOINT nothing")
      try land([])
      try connection.execute("ROLLBACK TO SAVEPOINT nothing; RELEASE SAVEPOINT nothing")
    } catch let error as PostgresError where error.sqlstate != nil {
      throw IndependentError(error: error.kind == .data ? error.withoutRecords : error)
    }
  }

  /// A batch of at most this size is inserted from arrays.
  private static let maxArrayRows = 500
  private static let maxArrayBytes = 1 << 20

  /// Bytes per COPY call. libpq copies the bytes of each call into a buffer that it never shrinks, so small calls keep the buffer small.
  private static let pieceBytes = 1 << 16

  @discardableResult
  private func copyIn(_ buffer: BinaryCopyBuffer, _ range: Range<Int>, _ statement: String, _ connection: PostgresConnection) throws -> Int
  {
    try connection.copyIn(statement) { writer in
      try writer.write(BinaryCopyBuffer.header)
      var start = range.lowerBound
      while start < range.upperBound {
        let end = min(start + Self.pieceBytes, range.upperBound)
        try writer.write(buffer.bytes(start..<end))
        start = end
      }
      try writer.write(BinaryCopyBuffer.trailer)
    }
  }
}

/// An error that the statements have without any record, too.
private struct IndependentError: Error {
  let error: PostgresError
}

/// An error that a record may have caused.
struct SuspectedRecordError: Error {
  let error: PostgresError
}

extension PostgresError {
  /// The reason stored with a record that the server rejected: the server's message and, on lines of its own, the detail, which has the row.
  var rejectionReason: String { "refused by Postgres: \(self)\(detail.map { "\n\($0)" } ?? "")" }

  /// The same error as kind `internal`: it does not depend on a record, so it is not bad data. A statement-level trigger can cause it.
  var withoutRecords: PostgresError {
    PostgresError(kind: .internal, sqlstate: sqlstate, message: "\(message), without any record, too", detail: detail)
  }

  /// Whether a single record may have caused the error. An error that a retry may avoid, such as a lock or a full disk, does not count.
  /// Once the retries are used up, it counts if code in the database chose the SQLSTATE, or if the record takes longer than
  /// statement_timeout.
  func mayDependOnRecord(blamesRetriableErrors: Bool) -> Bool {
    guard sqlstate != nil else { return false }
    return !isRetriable || blamesRetriableErrors && (isRaisedByFunction || sqlstate == SQLState.queryCanceled)
  }
}

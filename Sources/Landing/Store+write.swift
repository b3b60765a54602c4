import Postgres

extension Store {
  /// Lands a batch in one transaction: offsets, rows, rejects.
  ///
  /// - Returns: false if an offset was not where it was expected; then nothing happened.
  /// - Throws: what Postgres answers; the transaction is then the caller's to roll back.
  func write(_ batch: Batch) throws -> Bool {
    // A new session may stand before a server that lost what this one does not know: offsets are read again first.
    guard isConnected else { throw PostgresError(kind: .away, message: "the session with Postgres broke") }
    let connection = try connection()
    let sql = try statements()
    // An idle follower's question: does the server respond?
    guard !batch.moves.isEmpty else {
      try connection.execute("SELECT 1")
      return true
    }
    // Rows and offsets stand or fall together: a crash that takes back a commit takes back both, and Kafka still has the messages.
    try connection.execute(batch.isDurable ? "BEGIN" : "BEGIN; SET LOCAL synchronous_commit = off")
    guard try move(batch.moves, connection, sql) else {
      try connection.rollback()
      return false
    }
    let marks = (rejects: batch.rejects.count, counts: batch.counts)
    do {
      try land(batch, connection, sql)
      if !batch.rejects.isEmpty { try keep(batch.rejects, connection, sql) }
      if batch.counts.landed > 0 || batch.counts.deleted > 0 { try connection.execute(sql.notify) }
      try connection.commit()
    } catch {
      // What was set aside is undone with the transaction; the same batch may come again.
      batch.rejects.truncate(to: marks.rejects)
      batch.counts = marks.counts
      throw error
    }
    return true
  }

  /// What is set aside and refused in turn – by a CHECK of a user's on that table – would be looked for without end.
  private func keep(_ rejects: CopyBuffer, _ connection: PostgresConnection, _ sql: LandingSQL) throws {
    do {
      try copy(rejects, rejects.rows, sql.copyRejected, connection)
    } catch let error as PostgresError where error.kind == .data {
      throw PostgresError(
        kind: .other, sqlstate: error.sqlstate, message: "the table of what is set aside refuses it: \(error.message)", detail: error.detail
      )
    }
  }

  private func land(_ batch: Batch, _ connection: PostgresConnection, _ sql: LandingSQL) throws {
    if batch.isCareful {
      try connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
      try landPiece(batch, batch.entries.indices, connection, sql)
    } else if !batch.rows.isEmpty {
      try land(batch.rows, batch.rows.rows, connection, sql)
    }
  }

  private func land(_ rows: CopyBuffer, _ range: Range<Int>, _ connection: PostgresConnection, _ sql: LandingSQL) throws {
    guard sql.hasKey else { return try copy(rows, range, sql.copyRows, connection) }
    try copy(rows, range, sql.copyStage, connection)
    if sql.deletes { try connection.execute(sql.deleteStaged) }
    try connection.execute(sql.upsert)
  }

  /// Lands some messages in their order, and looks in halves for those that the server refuses.
  private func landPiece(_ batch: Batch, _ range: Range<Int>, _ connection: PostgresConnection, _ sql: LandingSQL) throws {
    guard let first = range.first, let last = range.last else { return }
    let rows = batch.entries[first].row.lowerBound..<batch.entries[last].row.upperBound
    do {
      try connection.execute("SAVEPOINT piece")
      if sql.hasKey { try connection.execute(sql.emptyStage) }
      try land(batch.rows, rows, connection, sql)
      try connection.execute("RELEASE SAVEPOINT piece")
    } catch let error as PostgresError where error.kind == .data {
      try connection.execute("ROLLBACK TO SAVEPOINT piece; RELEASE SAVEPOINT piece")
      guard range.count > 1 else { return batch.setAside(batch.entries[first], reason: error.reason, with: rejectEncoder) }
      let middle = range.lowerBound + range.count / 2
      try landPiece(batch, range.lowerBound..<middle, connection, sql)
      try landPiece(batch, middle..<range.upperBound, connection, sql)
    }
  }

  /// libpq copies what a call gives it into a buffer that it then keeps: small pieces keep that small.
  private static let pieceBytes = 1 << 16

  private func copy(_ buffer: CopyBuffer, _ range: Range<Int>, _ statement: String, _ connection: PostgresConnection) throws {
    try connection.copyIn(statement) { writer in
      try writer.write(CopyBuffer.header)
      var start = range.lowerBound
      while start < range.upperBound {
        let end = min(start + Self.pieceBytes, range.upperBound)
        try writer.write(buffer.bytes(start..<end))
        start = end
      }
      try writer.write(CopyBuffer.trailer)
    }
  }
}

extension PostgresError {
  /// The server's words for a message that it refused.
  var reason: String { "refused by Postgres: \(self)\(detail.map { ": \($0)" } ?? "")" }
}

import Postgres

/// Selects rejected records of the table, group and topic; nil selects all.
package struct RejectFilter: Sendable, Equatable {
  /// A part of the reason.
  package var reason: String?
  /// The earliest time of rejection, in microseconds since the Unix epoch.
  package var since: Int64?
  /// The partition's id.
  package var partition: Int32?
  /// The message's offset.
  package var offset: Int64?

  /// All records.
  package init() {}

  var parameters: [PostgresParameter] {
    [
      PostgresParameter(reason), since.map { PostgresParameter($0) } ?? .null, partition.map { PostgresParameter($0) } ?? .null,
      offset.map { PostgresParameter($0) } ?? .null,
    ]
  }
}

/// A row of netflix_rejected.
package struct RejectedRecord: Sendable, Equatable {
  /// The partition of its message.
  package let partition: Int32
  /// The offset of its message.
  package let offset: Int64
  /// The key as received; nil if the message has none.
  package let key: [UInt8]?
  /// The payload as received; nil for a tombstone.
  package let payload: [UInt8]?
  /// Why it was rejected.
  package let reason: String
  /// When it was rejected: RFC 3339, in UTC.
  package let rejectedAt: String

  /// From the columns of `SinkSQL.nextRejected`.
  fileprivate init?(_ row: [String?]) {
    guard let partition = row[0].flatMap({ Int32($0) }), let offset = row[1].flatMap({ Int64($0) }), let reason = row[4], let at = row[5]
    else { return nil }
    self.partition = partition
    self.offset = offset
    key = row[2].map(Self.bytes)
    payload = row[3].map(Self.bytes)
    self.reason = reason
    rejectedAt = at
  }

  /// The bytes of hexadecimal digits.
  private static func bytes(_ hex: String) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(hex.utf8.count / 2)
    var high: UInt8?
    for digit in hex.utf8 {
      let value = digit <= UInt8(ascii: "9") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return bytes
  }
}

extension SinkMaintenance {
  /// Reasons of rejected records, without the details of single rows, the most frequent first, and the number of all selected records.
  ///
  /// - Throws: `PostgresError`; `SinkError`.
  package func rejectReasons(_ filter: RejectFilter, limit: Int) throws -> (reasons: [(reason: String, count: Int)], total: Int) {
    try selecting(filter) { sql, connection in
      let rows = try connection.query(
        "SELECT \(SinkSQL.shortReason), count(*), sum(count(*)) OVER () \(sql.whereRejected) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT \(limit)",
        parameters: filter.parameters)
      return (rows.map { ($0[0] ?? "", $0[1].flatMap { Int($0) } ?? 0) }, rows.first?[2].flatMap { Int($0) } ?? 0)
    } ?? ([], 0)
  }

  /// Rejected records in the order of their partitions and offsets, without keys, payloads and details of the reasons, and the number of all selected records.
  ///
  /// - Throws: `PostgresError`; `SinkError`.
  package func rejectedRecords(_ filter: RejectFilter, limit: Int) throws -> (records: [RejectedRecord], total: Int) {
    try selecting(filter) { sql, connection in
      let rows = try connection.query(
        """
        SELECT kafka_partition, kafka_offset, NULL, NULL, \(SinkSQL.shortReason), \(SinkSQL.time("rejected_at")), count(*) OVER () \(sql.whereRejected)
        ORDER BY kafka_partition, kafka_offset, rejected_at LIMIT \(limit)
        """, parameters: filter.parameters)
      return (rows.compactMap { RejectedRecord($0) }, rows.first?[6].flatMap { Int($0) } ?? 0)
    } ?? ([], 0)
  }

  /// The rows of one message, with key and payload; several if the message was read and rejected several times.
  ///
  /// - Throws: `PostgresError`; `SinkError`.
  package func rejectedRecord(partition: Int32, offset: Int64) throws -> [RejectedRecord] {
    var filter = RejectFilter()
    (filter.partition, filter.offset) = (partition, offset)
    return try next(filter, behind: (-1, -1), limit: 1)
  }

  /// Deletes rejected records.
  ///
  /// - Returns: how many.
  /// - Throws: `PostgresError`; `SinkError`.
  package func purgeRejected(_ filter: RejectFilter) throws -> Int {
    try selecting(filter) { sql, connection in
      let deleted = try connection.query("DELETE " + sql.whereRejected, parameters: filter.parameters).affected
      if deleted == 0, try connection.query("SELECT count(*) " + sql.whereRejected, parameters: filter.parameters).firstValue != "0" {
        throw try database.store.alterationError(sql.rejected, "a DELETE leaves rejected records")
      }
      return deleted
    } ?? 0
  }

  /// Publishes the original keys and payloads again, and deletes the rejected records once they are published.
  ///
  /// Their rows are locked until then. A crash between the publication and the COMMIT leaves records that a second call publishes again.
  ///
  /// - Parameter publish: publishes all messages, or throws and publishes none.
  /// - Returns: the number of messages.
  /// - Throws: `PostgresError`; `SinkError`; the errors of `publish`.
  package func republishRejected(_ filter: RejectFilter, _ publish: ([RejectedRecord]) throws -> Void) throws -> Int {
    var count = 0
    var place: (partition: Int32, offset: Int64) = (-1, -1)
    while true {
      let records = try next(filter, behind: place, limit: FailureIsolation.maxRows)
      guard let last = records.last else { return count }
      // Not retried: it would be published again.
      let connection = try database.store.connection()
      let sql = try database.store.resolveStatements(connection)
      let messages = records.uniqued
      let isCurrent = try connection.transaction { connection in
        let selection = sql.rejected(at: records.map { ($0.partition, $0.offset) })
        guard try database.store.deleteRejected(selection, count: records.count, connection, sql) else { return false }
        try publish(messages)
        return true
      }
      // Otherwise another program has replayed some: read again what is left.
      guard isCurrent else { throw SinkError(.unavailable, Self.conflict, hint: "Run it again.") }
      count += messages.count
      place = (last.partition, last.offset)
    }
  }

  private static let conflict = "another program replayed or deleted some of the rejected records at the same time"

  /// Decodes rejected records under the present description and lands them under the consumer's rules; each transaction also deletes them. What
  /// is invalid still stays rejected, with its present reason.
  ///
  /// With a key, a row of a later message of the same partition stays as it is.
  ///
  /// - Returns: counts of messages.
  /// - Throws: `SinkError`, of kind `configuration` if the table does not fit the description; `PostgresError`.
  package func replayRejected(_ filter: RejectFilter) throws -> SinkSummary {
    // A table that is created here would have its offsets and rejected records reset.
    guard try selecting(filter, { _, _ in true }) ?? false else { return SinkSummary() }
    try database.run { store in
      let connection = try store.connection()
      try requireTable(try store.resolveStatements(connection), connection)
      try store.ensureSchema()
    }
    let writer = try BatchWriter(store: database.store, retrySeconds: options.retrySeconds, isStopped: isStopped)
    defer { writer.close() }
    var mapper = try RecordMapper(resource, schema: database.store.tableSchema, options: options)
    var isolation = FailureIsolation()
    var summary = SinkSummary()
    var place: (partition: Int32, offset: Int64) = (-1, -1)
    let batch = Batch()
    while true {
      if isStopped() { throw SinkError.stopped }
      let records = try next(filter, behind: place, limit: isolation.batchRows)
      guard let last = records.last else { return summary }
      fill(batch, records, &mapper, isolation)
      writer.start(batch)
      var result: WriteResult?
      while result == nil { result = writer.wait(timeout: .milliseconds(100)) }
      switch result {
      case .committed?:
        isolation.recordCommit(wasIsolating: true)
        summary += batch.counts
        place = (last.partition, last.offset)
      case .connectionLost(let error)?:
        if isStopped() { throw SinkError.stopped }
        if error.commitOutcomeUnknown { log(.warning, "the response to a COMMIT was lost: the counts may be too low") }
        try database.pauseAfterWriteFailure(error, hadOffsets: true)
      case .recordSuspected(let error)?:
        guard !error.isRetriable, case .replay = isolation.handleSuspectedRecord(batch.failed, error) else { throw error }
        try database.run { try $0.ensureSchema() }
      case .schemaMismatch(let error)?:
        guard case .replay = isolation.handleSchemaMismatch(batch.failed, error) else { throw error }
        try database.run { try $0.ensureSchema() }
      case .failed(let error)?: throw error
      case .offsetConflict?, nil: log(.info, "\(Self.conflict): reading them again")
      }
      if case .committed? = result { database.recordWriteSuccess() }
    }
  }

  private func fill(_ batch: Batch, _ records: [RejectedRecord], _ mapper: inout RecordMapper, _ isolation: FailureIsolation) {
    batch.clear()
    batch.isIsolating = true
    batch.replayed = records.map { ($0.partition, $0.offset) }
    for record in records.uniqued {
      let reason = isolation.forcedRejectionReason(partition: record.partition, offset: record.offset)
      record.withBytes { key, payload in
        let message = SinkRecord(
          partition: record.partition, offset: record.offset, timestamp: -1, broker: -1, key: key, payload: payload)
        mapper.append(message, to: batch, rejects: database.store.rejectEncoder, forcedReason: reason)
      }
    }
    batch.counts.batches = 1
  }

  /// The next records behind a place: complete messages, of 4 MB at most unless a single one is larger.
  private func next(_ filter: RejectFilter, behind place: (partition: Int32, offset: Int64), limit: Int) throws -> [RejectedRecord] {
    try selecting(filter) { sql, connection in
      try connection.query(
        sql.nextRejected(behind: place, limit: limit, bytes: FailureIsolation.maxBytes), parameters: filter.parameters
      ).compactMap { RejectedRecord($0) }
    } ?? []
  }

  /// Nil if the table of rejected records does not exist.
  private func selecting<T>(_ filter: RejectFilter, _ body: (SinkSQL, PostgresConnection) throws -> T) throws -> T? {
    try database.run { store in
      let connection = try store.connection()
      let sql = try store.resolveStatements(connection)
      return try exists(sql.names.rejected, connection) ? body(sql, connection) : nil
    }
  }
}

extension RejectedRecord {
  /// Passes on key and payload as a message has them.
  fileprivate func withBytes(_ body: (UnsafeRawBufferPointer?, UnsafeRawBufferPointer?) -> Void) {
    (key ?? []).withUnsafeBytes { keyBytes in
      (payload ?? []).withUnsafeBytes { payloadBytes in body(key == nil ? nil : keyBytes, payload == nil ? nil : payloadBytes) }
    }
  }
}

extension [RejectedRecord] {
  /// One record of each message, whose rows are beside each other.
  fileprivate var uniqued: [RejectedRecord] {
    reduce(into: []) { records, record in
      if records.last?.partition != record.partition || records.last?.offset != record.offset { records.append(record) }
    }
  }
}

import Postgres

/// Finds the record that the server does not accept, once a batch has failed.
///
/// An error names no record. So the messages of the failed batch are read again in isolation mode: small batches that keep their payloads, in
/// which the writer bisects. If every part succeeds and COMMIT fails, the batches are halved down to one message, which is then rejected.
///
/// A pure value: `BatchPipeline` reports how batches ended and asks how to build the next one.
struct FailureIsolation: Sendable {
  /// What to do after a failed batch.
  enum Verdict: Sendable, Equatable {
    /// Check the table, read the batch again. `isFirst`: isolation mode begins with it.
    case replay(isFirst: Bool)
    /// No record causes the error: it ends the run.
    case fail(PostgresError)
  }

  /// How a batch that failed was built.
  struct FailedBatch: Sendable {
    var isIsolating = false
    var blamesRetriableErrors = false
    /// Messages of the batch, with a row or without.
    var received = 0
    var offsetCommits: [OffsetCommit] = []
    /// Coordinates of the messages with a row; empty outside isolation mode.
    var records: [(partition: Int32, offset: Int64)] = []
  }

  /// Maximum messages and bytes of a batch in isolation mode, which retains payloads.
  static let maxRows = 1000
  static let maxBytes = 4 << 20
  /// Attempts with a table that was found in order each time.
  private static let maxSchemaRetries = 3
  /// Batches in a row that break their session before a record is suspected.
  private static let suspiciousLosses = 3

  /// Offsets up to which each partition is read in isolation mode.
  private var ends: [Int32: Int64] = [:]
  /// Messages of the next batch in isolation mode.
  private(set) var batchRows = Self.maxRows
  /// The replay follows attempts that used up the time for retries.
  private var blamesRetriableErrors = false
  /// The message that fails at COMMIT, alone in its batch.
  private var rejectedAtCommit: (partition: Int32, offset: Int64, reason: String)?
  private var schemaRetryCount = 0
  private var lostConnections = 0

  /// How the next batch is built, by the position of each partition.
  func mode(_ partitions: [PartitionProgress]) -> (isIsolating: Bool, blamesRetriableErrors: Bool) {
    let isIsolating = partitions.contains { progress in ends[progress.partition].map { (progress.next ?? 0) < $0 } ?? false }
    return (isIsolating, isIsolating && blamesRetriableErrors)
  }

  /// The reason to reject a message whatever its content; nil for all but the one that fails at COMMIT.
  func forcedRejectionReason(partition: Int32, offset: Int64) -> String? {
    guard let rejectedAtCommit, rejectedAtCommit.partition == partition, rejectedAtCommit.offset == offset else { return nil }
    return rejectedAtCommit.reason
  }

  /// The stored offsets were read: isolation mode is over for partitions that are beyond their end.
  mutating func rewind(to partitions: [PartitionProgress]) {
    ends = ends.filter { partition, end in partitions.contains { $0.partition == partition && ($0.submitted ?? 0) < end } }
    if ends.isEmpty { blamesRetriableErrors = false }
  }

  /// A batch with offsets was committed.
  mutating func recordCommit(wasIsolating: Bool) {
    (schemaRetryCount, lostConnections) = (0, 0)
    if wasIsolating { batchRows = min(2 * batchRows, Self.maxRows) }
  }

  /// The server did not accept a value of the batch, by type, size, constraint or trigger.
  mutating func handleSuspectedRecord(_ batch: FailedBatch, _ error: PostgresError) -> Verdict {
    blamesRetriableErrors = error.isRetriable || batch.isIsolating && blamesRetriableErrors
    if !batch.isIsolating {
      batchRows = Self.maxRows
    } else if batch.blamesRetriableErrors || !blamesRetriableErrors {
      // Every part was accepted, so it is COMMIT that fails: use smaller transactions, down to one message.
      guard !batch.records.isEmpty else { return .fail(error.kind == .data ? error.withoutRecords : error) }
      guard error.mayDependOnRecord(blamesRetriableErrors: batch.blamesRetriableErrors) else { return .fail(error) }
      batchRows = max(1, batch.records.count / 2)
      if batch.records.count == 1, let record = batch.records.first {
        rejectedAtCommit = (record.partition, record.offset, error.rejectionReason)
      }
    }
    // Otherwise the time for retries is used up: the same messages once more, in a last attempt, where this error counts as a record's too.
    isolate(batch)
    return .replay(isFirst: !batch.isIsolating)
  }

  /// A table, a column or a constraint is not as expected. The table is checked before the replay; if it is in order, a trigger that runs for
  /// one record may be the cause.
  mutating func handleSchemaMismatch(_ batch: FailedBatch, _ error: PostgresError) -> Verdict {
    schemaRetryCount += 1
    guard schemaRetryCount <= Self.maxSchemaRetries else { return .fail(error) }
    if schemaRetryCount == 2, !batch.isIsolating { return handleSuspectedRecord(batch, error) }
    return .replay(isFirst: false)
  }

  /// The session broke while the batch was written. One record can cause that again and again, through a trigger that ends its session or a
  /// function that crashes the server. An outage looks the same, so nothing is rejected: smaller and smaller batches land what comes before it.
  ///
  /// - Returns: how many batches in a row have broken their session, if a record is suspected; otherwise nil.
  mutating func handleLostConnection(_ batch: FailedBatch, _ error: PostgresError) -> Int? {
    guard batch.received > 0, error.sqlstate?.hasPrefix(SQLState.shutdownPrefix) ?? true else { return nil }
    lostConnections += 1
    guard lostConnections >= Self.suspiciousLosses else { return nil }
    batchRows = batch.isIsolating ? max(1, batch.received / 10) : Self.maxRows
    isolate(batch)
    return lostConnections
  }

  private mutating func isolate(_ batch: FailedBatch) {
    for commit in batch.offsetCommits { ends[commit.partition] = max(ends[commit.partition] ?? 0, commit.next) }
  }
}

/// The rows and rejects of one transaction, in COPY format, with the offsets to commit.
///
/// `@unchecked`: the reader's thread fills it and passes it to the writer's thread through a semaphore, so it has one owner at a time.
final class Batch: @unchecked Sendable {
  /// A record of a batch in isolation mode, with its key and payload.
  struct BufferedRecord {
    let partition: Int32
    let offset: Int64
    let isTombstone: Bool
    /// Byte range in `rows`.
    let row: Range<Int>
    /// Byte range in `retainedBytes`; nil if the message has no key.
    let key: Range<Int>?
    /// Byte range in `retainedBytes`; nil for a tombstone.
    let payload: Range<Int>?
  }

  // Capacity for a whole batch from the start: unused pages cost nothing, and growing would copy, with both buffers in memory.
  let rows = BinaryCopyBuffer(capacity: SinkOptions.batchBytes + (1 << 20))
  let rejects = BinaryCopyBuffer()
  private(set) var retainedBytes = [UInt8]()
  private(set) var entries: [BufferedRecord] = []
  /// Added to the totals once the batch has landed.
  var counts = SinkSummary()
  var offsetCommits: [OffsetCommit] = []
  /// Offsets of other partitions that are expected to be stored; compared now and then.
  var expectedOffsets: [(partition: Int32, next: Int64?)] = []
  /// Coordinates of the rejected records that are landed again, one per row of netflix_rejected: the transaction deletes these rows.
  var replayed: [(partition: Int32, offset: Int64)] = []
  /// The rewind epoch in which the batch was built. A batch from before a rewind has a lower epoch than the reader.
  var epoch = 0
  /// Isolation mode: the records that the server rejects are found one by one.
  var isIsolating = false
  /// The time for retries is used up: a record is now rejected also for an error that a later attempt might have avoided.
  var blamesRetriableErrors = false
  private var rejected: Set<Int> = []
  /// Whether COMMIT waits until the transaction is on disk.
  var isDurable = true

  var isEmpty: Bool { counts.received == 0 }
  var bytes: Int { rows.count + rejects.count + retainedBytes.count }

  func clear() {
    rows.clear()
    rejects.clear()
    retainedBytes.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    counts = SinkSummary()
    offsetCommits = []
    expectedOffsets = []
    replayed = []
    isIsolating = false
    blamesRetriableErrors = false
    isDurable = true
    forgetRejected()
  }

  /// Stores the record of the row that was just appended, with copies of its key and payload.
  func retain(
    partition: Int32, offset: Int64, isTombstone: Bool, row: Range<Int>, key: UnsafeRawBufferPointer?, payload: UnsafeRawBufferPointer?
  ) {
    let keyRange = key.map { keep($0) }
    let payloadRange = payload.map { keep($0) }
    entries.append(
      BufferedRecord(partition: partition, offset: offset, isTombstone: isTombstone, row: row, key: keyRange, payload: payloadRange))
  }

  private func keep(_ bytes: UnsafeRawBufferPointer) -> Range<Int> {
    let start = retainedBytes.count
    retainedBytes.append(contentsOf: bytes)
    return start..<retainedBytes.count
  }

  /// Turns a record that the server rejected when it was inserted alone from a row into a reject.
  func reject(_ entry: BufferedRecord, reason: String, with encoder: RejectRowEncoder) {
    retainedBytes.withUnsafeBytes { kept in
      encoder.append(
        partition: entry.partition, offset: entry.offset, key: entry.key.map { UnsafeRawBufferPointer(rebasing: kept[$0]) },
        payload: entry.payload.map { UnsafeRawBufferPointer(rebasing: kept[$0]) }, reason: reason, to: rejects)
    }
    rejected.insert(entry.row.lowerBound)
    if entry.isTombstone { counts.deleted -= 1 } else { counts.landed -= 1 }
    counts.rejected += 1
  }

  /// Whether the server rejected the record in this transaction.
  func hasRejected(_ entry: BufferedRecord) -> Bool { rejected.contains(entry.row.lowerBound) }

  /// To be called before the transaction is retried.
  func forgetRejected() { rejected.removeAll(keepingCapacity: true) }

  /// What `FailureIsolation` needs to know of it.
  var failed: FailureIsolation.FailedBatch {
    FailureIsolation.FailedBatch(
      isIsolating: isIsolating, blamesRetriableErrors: blamesRetriableErrors, received: counts.received, offsetCommits: offsetCommits,
      records: entries.map { ($0.partition, $0.offset) })
  }
}

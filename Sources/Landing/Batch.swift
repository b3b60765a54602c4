/// Typed rows and rejects on their way into one transaction.
///
/// `@unchecked`: the reader's thread fills it and hands it to the writer's through a semaphore; it has one owner at a time.
final class Batch: @unchecked Sendable {
  /// A message of a batch whose payloads are kept.
  struct BufferedRecord {
    let partition: Int32
    let offset: Int64
    let isTombstone: Bool
    /// In `rows`.
    let row: Range<Int>
    /// In `retainedBytes`; nil where the message had none.
    let key: Range<Int>?
    let payload: Range<Int>?
  }

  // Room for a whole batch from the start: pages cost nothing before they are used, and growing would copy, with old and new in memory.
  let rows = BinaryCopyBuffer(capacity: SinkOptions.batchBytes + (1 << 20))
  let rejects = BinaryCopyBuffer()
  private(set) var retainedBytes = [UInt8]()
  private(set) var entries: [BufferedRecord] = []
  /// What is counted once the batch has landed.
  var counts = SinkSummary()
  var offsetCommits: [OffsetCommit] = []
  /// Batches typed before a going-back have a lower one than the reader.
  var epoch = 0
  /// Server refusals are looked for message by message.
  var isIsolating = false
  /// The time to try again is used up: also what a later attempt could have spared rejects a message.
  var isLastAttempt = false
  private var rejected: Set<Int> = []
  /// Whether COMMIT waits until the transaction is on the disk.
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
    isIsolating = false
    isLastAttempt = false
    isDurable = true
    forgetRejected()
  }

  /// Remembers the row that was just appended, with its message.
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

  /// A message that the server refused, by itself: from a row to a reject.
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

  /// Whether the server refused it, in this transaction.
  func hasRejected(_ entry: BufferedRecord) -> Bool { rejected.contains(entry.row.lowerBound) }

  /// Before the transaction is tried again.
  func forgetRejected() { rejected.removeAll(keepingCapacity: true) }
}

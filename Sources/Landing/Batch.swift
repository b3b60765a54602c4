/// Typed rows and rejects on their way into one transaction.
///
/// `@unchecked`: the reader's thread fills it and hands it to the writer's through a semaphore; it has one owner at a time.
final class Batch: @unchecked Sendable {
  /// A message of a batch whose payloads are kept.
  struct Entry {
    let partition: Int32
    let offset: Int64
    let isTombstone: Bool
    /// In `rows`.
    let row: Range<Int>
    /// In `kept`; nil where the message had none.
    let key: Range<Int>?
    let payload: Range<Int>?
  }

  // Room for a whole batch from the start: pages cost nothing before they are used, and growing would copy, with old and new in memory.
  let rows = CopyBuffer(capacity: LandingOptions.batchBytes + (1 << 20))
  let rejects = CopyBuffer()
  private(set) var kept = [UInt8]()
  private(set) var entries: [Entry] = []
  /// What is counted once the batch has landed.
  var counts = LandingSummary()
  var moves: [Move] = []
  /// Batches typed before a going-back have a lower one than the reader.
  var generation = 0
  /// Server refusals are looked for message by message.
  var isCareful = false
  /// The time to try again is used up: also what a later attempt could have spared rejects a message.
  var isLastChance = false
  private var rejected: Set<Int> = []
  /// Whether COMMIT waits until the transaction is on the disk.
  var isDurable = true

  var isEmpty: Bool { counts.received == 0 }
  var bytes: Int { rows.count + rejects.count + kept.count }

  func clear() {
    rows.clear()
    rejects.clear()
    kept.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    counts = LandingSummary()
    moves = []
    isCareful = false
    isLastChance = false
    isDurable = true
    forgetRejected()
  }

  /// Remembers the row that was just appended, with its message.
  func keep(
    partition: Int32, offset: Int64, isTombstone: Bool, row: Range<Int>, key: UnsafeRawBufferPointer?, payload: UnsafeRawBufferPointer?
  ) {
    let keyRange = key.map { keep($0) }
    let payloadRange = payload.map { keep($0) }
    entries.append(Entry(partition: partition, offset: offset, isTombstone: isTombstone, row: row, key: keyRange, payload: payloadRange))
  }

  private func keep(_ bytes: UnsafeRawBufferPointer) -> Range<Int> {
    let start = kept.count
    kept.append(contentsOf: bytes)
    return start..<kept.count
  }

  /// A message that the server refused, by itself: from a row to a reject.
  func reject(_ entry: Entry, reason: String, with encoder: RejectEncoder) {
    kept.withUnsafeBytes { kept in
      encoder.append(
        partition: entry.partition, offset: entry.offset, key: entry.key.map { UnsafeRawBufferPointer(rebasing: kept[$0]) },
        payload: entry.payload.map { UnsafeRawBufferPointer(rebasing: kept[$0]) }, reason: reason, to: rejects)
    }
    rejected.insert(entry.row.lowerBound)
    if entry.isTombstone { counts.deleted -= 1 } else { counts.landed -= 1 }
    counts.rejected += 1
  }

  /// Whether the server refused it, in this transaction.
  func hasRejected(_ entry: Entry) -> Bool { rejected.contains(entry.row.lowerBound) }

  /// Before the transaction is tried again.
  func forgetRejected() { rejected.removeAll(keepingCapacity: true) }
}

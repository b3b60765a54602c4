import Kafka
import Postgres

extension SinkTask {
  /// Maximum time between synchronous commits: a crash of the server loses at most this much.
  private static let maxUndurableInterval = Duration.seconds(5)

  /// Prepares the batch to fill, in isolation mode or not.
  func beginBatch() {
    batch.epoch = epoch
    batch.isIsolating = tracker.partitions.contains { progress in
      isolationEnds[progress.partition].map { (progress.next ?? 0) < $0 } ?? false
    }
    batch.isLastAttempt = batch.isIsolating && isLastAttempt
  }

  var isFull: Bool {
    batch.isIsolating
      ? batch.counts.received >= isolationBatchRows || batch.bytes >= SinkOptions.maxIsolationBytes
      : batch.counts.received >= options.batchRows || batch.bytes >= SinkOptions.batchBytes
  }

  /// Submits the batch to the writer, which must not be busy, and begins the next.
  func submitBatch(isLast: Bool = false) {
    precondition(batch.epoch == epoch)
    batch.offsetCommits = tracker.offsetCommits
    tracker.markFlushed()
    if batch.counts.received > 0 { batch.counts.batches = 1 }
    batch.isDurable = isLast || tracker.isIdle || ContinuousClock.now - lastDurableCommit >= Self.maxUndurableInterval
    swap(&batch, &inFlightBatch)
    writer.start(inFlightBatch)
    batch.clear()
    batchStartedAt = nil
    lastWrite = .now
    beginBatch()
  }

  /// Checks that Postgres responds, when there has been nothing to write for a while.
  func probe() {
    inFlightBatch.clear()
    inFlightBatch.epoch = epoch
    lastWrite = .now
    writer.start(inFlightBatch)
  }

  /// Makes earlier asynchronous commits durable, before the program becomes idle or ends.
  func commitDurably() {
    batch.offsetCommits = []
    let last = tracker.partitions.lazy.compactMap { progress in
      progress.stored.map { OffsetCommit(partition: progress.partition, expected: $0, next: $0, last: nil) }
    }.first
    // Without an assigned partition, any partition will do: what matters is a COMMIT that waits for the disk.
    guard
      let move = last
        ?? undurableCommits.last?.offsetCommits.last.map({
          OffsetCommit(partition: $0.partition, expected: $0.next, next: $0.next, last: nil)
        })
    else {
      return
    }
    inFlightBatch.clear()
    inFlightBatch.epoch = epoch
    inFlightBatch.offsetCommits = [move]
    inFlightBatch.isDurable = true
    writer.start(inFlightBatch)
  }

  /// Handles the outcome of the batch in flight, if it is known.
  ///
  /// - Parameter wait: wait until it is known.
  func awaitResult(wait: Bool) throws {
    var outcome: WriteResult?
    repeat { outcome = writer.wait(milliseconds: wait ? 100 : 0) } while outcome == nil && wait
    guard let outcome else { return }
    progress.secondsInPostgres = writer.seconds
    progress.retries = databaseRetries + writer.retries
    let done = inFlightBatch
    switch outcome {
    case .committed:
      handleCommit(done)
    case .offsetConflict:
      log(.info, "another run advanced the offsets: continuing from there")
      throw RecoveryAction.rewind
    case .connectionLost(let error):
      if error.commitOutcomeUnknown {
        undurableCommits.append(UndurableCommit(offsetCommits: done.offsetCommits, counts: done.counts, isUnknown: true))
      }
      log(.debug, "Postgres: \(error); \(done.counts.received) messages are read again")
      isWriteFailing = isWriteFailing || !done.offsetCommits.isEmpty
      if !isStopped() { try writeBroke(done, error) }
      throw RecoveryAction.rewind
    case .constraintViolation(let error):
      try handleConstraintViolation(done, error)
      throw RecoveryAction.ensureSchema
    case .schemaMismatch(let error):
      schemaRetryCount += 1
      guard schemaRetryCount <= 3 else { throw error }
      // The schema is correct and the error persists: a record may cause it through a trigger.
      if schemaRetryCount == 2, !done.isIsolating { try handleConstraintViolation(done, error) }
      log(.warning, "Postgres: \(error); checking the table again")
      throw RecoveryAction.ensureSchema
    case .failed(let error):
      throw error
    }
  }

  private func handleCommit(_ done: Batch) {
    recordDatabaseSuccess()
    if done.offsetCommits.isEmpty { return }
    schemaRetryCount = 0
    brokenStrikes = 0
    if done.isIsolating { isolationBatchRows = min(2 * isolationBatchRows, SinkOptions.maxIsolationRows) }
    undurableCommits.append(UndurableCommit(offsetCommits: done.offsetCommits, counts: done.counts, isUnknown: false))
    if done.isDurable {
      for batch in undurableCommits where !batch.isUnknown { durableTotals += batch.counts }
      undurableCommits.removeAll { !$0.isUnknown }
      lastDurableCommit = .now
      consumer?.commit(tracker.partitions.compactMap { progress in progress.stored.map { (progress.partition, $0) } })
    }
    if done.counts.received > 0 {
      log(.debug, "landed \(done.counts.landed), rejected \(done.counts.rejected), deleted \(done.counts.deleted)")
    }
    reportProgress()
  }

  /// How often in a row a batch may break its session before a record of it is suspected.
  private static let mostStrikes = 3

  /// The session broke while a batch was written. One record can do that again and again, by a trigger that ends its session or crashes the
  /// server. It looks like an outage, so nothing is rejected for it: smaller and smaller batches land what is before it, and the error names it.
  private func writeBroke(_ done: Batch, _ error: PostgresError) throws {
    let isSuspicious = done.counts.received > 0 && (error.sqlstate?.hasPrefix("57P") ?? true)
    if isSuspicious { brokenStrikes += 1 }
    if isSuspicious, brokenStrikes >= Self.mostStrikes {
      isolationBatchRows = done.isIsolating ? max(1, done.counts.received / 10) : SinkOptions.maxIsolationRows
      for move in done.offsetCommits { isolationEnds[move.partition] = max(isolationEnds[move.partition] ?? 0, move.next) }
    }
    do {
      try handleDatabaseFailure(error)
    } catch let error as PostgresError where isSuspicious && brokenStrikes >= Self.mostStrikes {
      let places = done.offsetCommits.sorted { $0.partition < $1.partition }.compactMap { move -> String? in
        guard let last = move.last?.offset else { return nil }
        let first = done.counts.received == 1 ? last : move.expected ?? beginningOffsets[move.partition] ?? 0
        return "partition \(move.partition), " + (first == last ? "offset \(last)" : "offsets \(first) to \(last)")
      }
      throw SinkError(
        .unavailable,
        "database: \(error); the session ended \(brokenStrikes) times in a row while these messages were written: topic \(options.topic), "
          + places.joined(separator: "; "),
        advice:
          "See the server's log. If it stays up, a trigger on \(options.table) ends the session, or a function crashes it: correct that.")
    }
  }

  /// The server refused something in this batch: its messages are read again, with their payloads, in small batches.
  private func handleConstraintViolation(_ done: Batch, _ error: PostgresError) throws {
    isLastAttempt = error.isRetriable
    if done.isIsolating {
      // No part failed alone, so the error comes from COMMIT: use smaller transactions, down to one message.
      guard !done.entries.isEmpty else { throw error.kind == .data ? error.withoutRecords : error }
      guard error.mayDependOnRecord(isLastChance: done.isLastAttempt) else { throw error }
      isolationBatchRows = max(1, done.entries.count / 2)
      if done.entries.count == 1, let entry = done.entries.first {
        rejectedAtCommit = (entry.partition, entry.offset, error.rejectionReason)
      }
    } else {
      isolationBatchRows = SinkOptions.maxIsolationRows
      log(.info, "Postgres refuses a batch (\(error)): looking for the messages that it refuses")
    }
    for move in done.offsetCommits { isolationEnds[move.partition] = max(isolationEnds[move.partition] ?? 0, move.next) }
  }
}

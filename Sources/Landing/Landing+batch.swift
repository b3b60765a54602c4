import Kafka
import Postgres

extension Landing {
  /// A crash of the server can take back this much at most.
  private static let longestUndurable = Duration.seconds(5)

  /// The batch to type into, careful or not.
  func beginBatch() {
    batch.generation = generation
    batch.isCareful = tracker.partitions.contains { progress in carefulUntil[progress.partition].map { (progress.next ?? 0) < $0 } ?? false
    }
    batch.isLastChance = batch.isCareful && isLastChance
  }

  var isFull: Bool {
    batch.isCareful
      ? batch.counts.received >= carefulRows || batch.bytes >= LandingOptions.carefulBytes
      : batch.counts.received >= options.batchRows || batch.bytes >= LandingOptions.batchBytes
  }

  /// Hands the batch to the writer, which is not busy, and begins the next.
  func handOver(isLast: Bool = false) {
    precondition(batch.generation == generation)
    batch.moves = tracker.moves
    tracker.markHandedOver()
    if batch.counts.received > 0 { batch.counts.batches = 1 }
    batch.isDurable = isLast || tracker.isIdle || ContinuousClock.now - lastDurable >= Self.longestUndurable
    swap(&batch, &otherBatch)
    writer.start(otherBatch)
    batch.clear()
    batchSince = nil
    lastWrite = .now
    beginBatch()
  }

  /// Nothing to write for a while: asks Postgres whether it responds.
  func probe() {
    otherBatch.clear()
    otherBatch.generation = generation
    lastWrite = .now
    writer.start(otherBatch)
  }

  /// What a crash of the server could still take back is made durable before the program goes idle or ends.
  func seal() {
    batch.moves = []
    let last = tracker.partitions.lazy.compactMap { progress in
      progress.stored.map { Move(partition: progress.partition, expected: $0, next: $0, last: nil) }
    }.first
    // Without a partition of ours left, any will do: what counts is that a COMMIT waits for the disk.
    guard let move = last ?? pending.last?.moves.last.map({ Move(partition: $0.partition, expected: $0.next, next: $0.next, last: nil) })
    else {
      return
    }
    otherBatch.clear()
    otherBatch.generation = generation
    otherBatch.moves = [move]
    otherBatch.isDurable = true
    writer.start(otherBatch)
  }

  /// Takes what became of the batch under way, if it is known yet.
  func collect(wait: Bool) throws {
    var outcome: Outcome?
    repeat { outcome = writer.wait(milliseconds: wait ? 100 : 0) } while outcome == nil && wait
    guard let outcome else { return }
    progress.secondsInPostgres = writer.seconds
    progress.retries = databaseRetries + writer.retries
    let done = otherBatch
    switch outcome {
    case .landed:
      landed(done)
    case .overtaken:
      log(.info, "another run advanced the offsets: continuing from there")
      throw Detour.goBack
    case .broken(let error):
      if error.commitMayHaveHappened { pending.append(Pending(moves: done.moves, counts: done.counts, isUnknown: true)) }
      log(.debug, "Postgres: \(error); \(done.counts.received) messages are read again")
      isWriteFailing = isWriteFailing || !done.moves.isEmpty
      if !isStopped() { try writeBroke(done, error) }
      throw Detour.goBack
    case .refused(let error):
      try refused(done, error)
      throw Detour.seeToTable
    case .schema(let error):
      schemaStrikes += 1
      guard schemaStrikes <= 3 else { throw error }
      // The table is as it should be, and still: a record may be the reason, by a trigger.
      if schemaStrikes == 2, !done.isCareful { try refused(done, error) }
      log(.warning, "Postgres: \(error); checking the table again")
      throw Detour.seeToTable
    case .failed(let error):
      throw error
    }
  }

  private func landed(_ done: Batch) {
    databaseWorks()
    if done.moves.isEmpty { return }
    schemaStrikes = 0
    brokenStrikes = 0
    if done.isCareful { carefulRows = min(2 * carefulRows, LandingOptions.carefulRows) }
    pending.append(Pending(moves: done.moves, counts: done.counts, isUnknown: false))
    if done.isDurable {
      for batch in pending where !batch.isUnknown { settled += batch.counts }
      pending.removeAll { !$0.isUnknown }
      lastDurable = .now
      consumer?.commit(tracker.partitions.compactMap { progress in progress.stored.map { (progress.partition, $0) } })
    }
    if done.counts.received > 0 {
      log(.debug, "landed \(done.counts.landed), rejected \(done.counts.rejected), deleted \(done.counts.deleted)")
    }
    tell()
  }

  /// How often in a row a batch may break its session before a record of it is suspected.
  private static let mostStrikes = 3

  /// The session broke while a batch was written. One record can do that again and again, by a trigger that ends its session or crashes the
  /// server. It looks like an outage, so nothing is rejected for it: smaller and smaller batches land what is before it, and the error names it.
  private func writeBroke(_ done: Batch, _ error: PostgresError) throws {
    let isSuspicious = done.counts.received > 0 && (error.sqlstate?.hasPrefix("57P") ?? true)
    if isSuspicious { brokenStrikes += 1 }
    if isSuspicious, brokenStrikes >= Self.mostStrikes {
      carefulRows = done.isCareful ? max(1, done.counts.received / 10) : LandingOptions.carefulRows
      for move in done.moves { carefulUntil[move.partition] = max(carefulUntil[move.partition] ?? 0, move.next) }
    }
    do {
      try databaseFailed(error)
    } catch let error as PostgresError where isSuspicious && brokenStrikes >= Self.mostStrikes {
      let places = done.moves.sorted { $0.partition < $1.partition }.compactMap { move -> String? in
        guard let last = move.last?.offset else { return nil }
        let first = done.counts.received == 1 ? last : move.expected ?? starts[move.partition] ?? 0
        return "partition \(move.partition), " + (first == last ? "offset \(last)" : "offsets \(first) to \(last)")
      }
      throw LandingError(
        .unavailable,
        "database: \(error); the session ended \(brokenStrikes) times in a row while these messages were written: topic \(options.topic), "
          + places.joined(separator: "; "),
        advice:
          "See the server's log. If it stays up, a trigger on \(options.table) ends the session, or a function crashes it: correct that.")
    }
  }

  /// The server refused something in this batch: its messages are read again, with their payloads, in small batches.
  private func refused(_ done: Batch, _ error: PostgresError) throws {
    isLastChance = error.isRetriable
    if done.isCareful {
      // Part by part nothing was refused, so it is COMMIT that refuses: then in smaller transactions, down to one message.
      guard !done.entries.isEmpty else { throw error.kind == .data ? error.withoutRecords : error }
      guard error.mayBeTheRecord(isLastChance: done.isLastChance) else { throw error }
      carefulRows = max(1, done.entries.count / 2)
      if done.entries.count == 1, let entry = done.entries.first { condemned = (entry.partition, entry.offset, error.reason) }
    } else {
      carefulRows = LandingOptions.carefulRows
      log(.info, "Postgres refuses a batch (\(error)): looking for the messages that it refuses")
    }
    for move in done.moves { carefulUntil[move.partition] = max(carefulUntil[move.partition] ?? 0, move.next) }
  }
}

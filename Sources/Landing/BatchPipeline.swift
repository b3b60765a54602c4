import Dataset
import Postgres
import Support

/// The batch that is being filled and the one that is being written: converts messages to rows, submits batches to the writer's thread, and
/// decides what their results lead to. The reader's thread uses it.
final class BatchPipeline {
  /// What the result of a batch leads to.
  enum Result: Equatable {
    case committed(isDurable: Bool)
    /// Postgres responds: the batch had no offsets.
    case responded
    case recover(RecoveryAction)
  }

  private let options: SinkOptions
  private let database: RetryingStore
  private let log: SinkLog
  private let isStopped: @Sendable () -> Bool
  private let writer: BatchWriter
  private var recordMapper: RecordMapper
  private var batches: BatchAssembler
  private var commits = CommitTracker()
  private var isolation = FailureIsolation()
  private var lastWrite = ContinuousClock.now
  /// When the stored offsets of all partitions were last compared.
  private var lastCheck = ContinuousClock.now

  /// - Throws: `SinkError` if the options and the description do not fit together, or if no thread can be created.
  init(
    resource: Resource, options: SinkOptions, database: RetryingStore, log: SinkLog, isStopped: @escaping @Sendable () -> Bool
  ) throws(SinkError) {
    self.options = options
    self.database = database
    self.log = log
    self.isStopped = isStopped
    recordMapper = try RecordMapper(resource, schema: database.store.tableSchema, options: options)
    batches = BatchAssembler(maxRows: options.batchRows, maxAge: options.batchSeconds)
    writer = try BatchWriter(store: database.store, retrySeconds: options.retrySeconds, isStopped: isStopped)
  }

  /// The messages of all commits, durable or not.
  var totals: SinkSummary { commits.totals }
  /// Whether a batch is being written.
  var isBusy: Bool { writer.isBusy }
  /// Whether the batch being filled has no messages.
  var isEmpty: Bool { batches.current.isEmpty }
  /// Seconds that the writer spent in Postgres, as of the last result.
  private(set) var secondsInPostgres = 0.0
  /// Retried transactions, as of the last result.
  private(set) var retries = 0

  /// Has `wake` called on the writer's thread after each result, until `close`.
  func wakeReader(with wake: @escaping @Sendable () -> Void) { writer.onResult = wake }

  /// Waits for the batch in flight, and ends the writer's thread.
  func close() {
    while writer.isBusy { _ = writer.wait(timeout: .seconds(1)) }
    writer.close()
  }

  // MARK: Filling

  /// Appends a message to the current batch, as a row or as a rejected record.
  ///
  /// - Returns: whether the batch is full: it must be submitted before the next message.
  func append(_ record: SinkRecord) -> Bool {
    recordMapper.append(
      record, to: batches.current, rejects: database.store.rejectEncoder,
      forcedReason: isolation.forcedRejectionReason(partition: record.partition, offset: record.offset))
    return batches.isFull(isolationRows: isolation.batchRows)
  }

  /// Counts offsets that retention deleted before they were read.
  func addExpired(_ count: Int) { batches.current.counts.expired += count }

  /// Discards the current batch, whose messages are read again.
  func discard() { batches.rewind() }

  /// The stored offsets were read: commits whose response was lost are looked up, and the next batch begins at `partitions`.
  func resume(_ stored: [StoredOffset], at partitions: [PartitionProgress]) {
    reconcile(stored)
    isolation.rewind(to: partitions)
    batches.begin(isolation.mode(partitions))
  }

  /// Looks up commits whose response was lost.
  func reconcile(_ stored: [StoredOffset]) {
    let messages = commits.reconcile(with: stored)
    if messages > 0 { log(.warning, "a COMMIT whose response was lost has succeeded: \(counted(messages, "message"))") }
  }

  /// Logs fields that the description does not declare, which are skipped; each once.
  func reportUnknownFields() {
    let names = recordMapper.takeUnknownFields()
    if !names.isEmpty { log(.warning, "skipping fields that are not in the description: \(names.joined(separator: ", "))") }
  }

  // MARK: Submitting

  /// A poll ended: the age of a batch counts from the poll that brought its first message.
  func recordPoll(at now: ContinuousClock.Instant) { batches.recordPoll(at: now) }

  /// Whether to submit the current batch although it is not full.
  ///
  /// - Parameters:
  ///   - hasOffsetCommits: offsets advance, over messages or gaps.
  ///   - isDrained: nothing more is at hand.
  func isDue(hasOffsetCommits: Bool, isDrained: Bool, at now: ContinuousClock.Instant) -> Bool {
    batches.isDue(hasOffsetCommits: hasOffsetCommits, isDrained: isDrained, at: now)
  }

  /// Submits the current batch to the writer, which must not be busy; the next one begins at the positions of `tracker`.
  ///
  /// - Parameter waitsForDisk: whether its COMMIT waits for the disk in any case.
  func submit(_ tracker: inout PartitionTracker, waitsForDisk: Bool) {
    let isDurable = waitsForDisk || self.commits.isDurableCommitDue(at: .now)
    let commits = tracker.offsetCommits
    let batch = batches.submit(commits, isDurable: isDurable)
    if .now - lastCheck >= DatabaseHealth.probeInterval {
      // Those of partitions without new messages are not compared otherwise while others have some.
      lastCheck = .now
      batch.expectedOffsets = tracker.partitions.filter { progress in !commits.contains { $0.partition == progress.partition } }
        .map { ($0.partition, $0.submitted) }
    }
    writer.start(batch)
    tracker.markSubmitted()
    lastWrite = .now
    batches.begin(isolation.mode(tracker.partitions))
  }

  /// Nothing is left to submit: makes earlier commits durable, or checks now and then that Postgres responds and that nobody has changed the
  /// stored offsets.
  func submitWhileIdle(_ partitions: [PartitionProgress], at now: ContinuousClock.Instant) {
    if commits.hasUndurable {
      makeDurable(partitions)
    } else if now - lastWrite >= DatabaseHealth.probeInterval {
      (lastWrite, lastCheck) = (.now, .now)
      writer.start(batches.submitWithoutMessages(expecting: partitions.map { ($0.partition, $0.submitted) }))
    }
  }

  /// Makes earlier asynchronous commits durable, if there are any, before the program becomes idle or ends.
  func makeDurable(_ partitions: [PartitionProgress]) {
    guard commits.hasUndurable, let commit = commits.durabilityCommit(partitions) else { return }
    writer.start(batches.submitWithoutMessages([commit]))
  }

  // MARK: Results

  /// The result of the batch in flight; nil if it is not known within the given time.
  ///
  /// - Throws: the error that ends the run.
  func takeResult(timeout: Duration) throws -> Result? {
    guard let result = writer.wait(timeout: timeout) else { return nil }
    secondsInPostgres = writer.seconds
    retries = database.retries + writer.retries
    let batch = batches.inFlight
    switch result {
    case .committed:
      return handleCommit(batch)
    case .offsetConflict:
      log(.info, "another run advanced the offsets, or 'netflix offsets set' changed them: continuing from there")
      return .recover(.rewind)
    case .connectionLost(let error):
      if error.commitOutcomeUnknown { commits.recordUnknownCommit(batch.offsetCommits, counts: batch.counts) }
      log(.debug, "Postgres: \(error); reading \(counted(batch.counts.received, "message")) again")
      if !isStopped() { try handleLostConnection(batch, error) }
      return .recover(.rewind)
    case .recordSuspected(let error):
      return try replay(isolation.handleSuspectedRecord(batch.failed, error), error)
    case .schemaMismatch(let error):
      log(.warning, "Postgres: \(error); checking the table again")
      return try replay(isolation.handleSchemaMismatch(batch.failed, error), error)
    case .failed(let error):
      throw error
    }
  }

  private func handleCommit(_ batch: Batch) -> Result {
    database.recordWriteSuccess()
    if batch.offsetCommits.isEmpty { return .responded }
    isolation.recordCommit(wasIsolating: batch.isIsolating)
    commits.recordCommit(batch.offsetCommits, counts: batch.counts, isDurable: batch.isDurable)
    if batch.counts.received > 0 {
      log(.debug, "landed \(batch.counts.landed), rejected \(batch.counts.rejected), deleted \(batch.counts.deleted)")
    }
    return .committed(isDurable: batch.isDurable)
  }

  private func replay(_ verdict: FailureIsolation.Verdict, _ error: PostgresError) throws -> Result {
    switch verdict {
    case .fail(let error): throw error
    case .replay(let isFirst):
      if isFirst { log(.info, "Postgres does not accept a batch (\(error)): looking for the records that cause it") }
      return .recover(.ensureSchema)
    }
  }

  /// Waits before the next attempt.
  ///
  /// - Throws: the error, once attempts have failed for `--retry-seconds`; it names the messages if they are suspected.
  private func handleLostConnection(_ batch: Batch, _ error: PostgresError) throws {
    let losses = isolation.handleLostConnection(batch.failed, error)
    do {
      try database.pauseAfterWriteFailure(error, hadOffsets: !batch.offsetCommits.isEmpty)
    } catch let error as PostgresError {
      guard let losses else { throw error }
      let ranges = batch.offsetCommits.sorted { $0.partition < $1.partition }.compactMap { commit -> String? in
        guard let last = commit.last?.offset else { return nil }
        let first = batch.counts.received == 1 ? last : commit.expected
        let range = first == last ? "offset \(last)" : first.map { "offsets \($0) to \(last)" } ?? "offsets up to \(last)"
        return "partition \(commit.partition), \(range)"
      }
      throw SinkError(
        .unavailable,
        "database: \(error); the session ended \(losses) times in a row while these messages were written: topic \(options.topic), "
          + ranges.joined(separator: "; "),
        hint:
          "See the server's log. If it stays up, a trigger on \(options.table) ends the session, or a function crashes it: correct that.")
    }
  }
}

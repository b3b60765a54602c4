import Dataset
import Kafka
import Postgres
import Synchronization

/// Lands the messages of a topic as rows of a table, each exactly once (docs/landing.md).
///
/// The thread that calls `run()` owns the log reader: it polls, converts messages to rows of a batch, and submits the batch to the writer's
/// thread. The two threads use the store in turns. The decisions are made by values without I/O: `PartitionTracker` (positions and ends),
/// `BatchAssembler` (the batch being filled), `CommitTracker` (which commits are durable), `FailureIsolation` (which record a failed batch is
/// to blame on) and `BrokerHealth` (outages). This class does the I/O for them.
public final class SinkTask {
  /// What a step of the run leads to.
  private enum Step: Equatable {
    case `continue`
    /// The messages already fetched in the same poll are discarded.
    case recover(RecoveryAction)
    case finished
  }

  /// What has to be done before reading continues.
  private enum RecoveryAction: Equatable {
    /// Discard what is in flight, read the stored offsets, assign from there.
    case rewind
    /// The table may have changed: check it as at the start, then rewind.
    case ensureSchema
    /// An offset is out of range, or the log may be another one: check the topic as at the start, then rewind.
    case revalidateTopic
  }

  private let resource: Resource
  private let options: SinkOptions
  private let log: KafkaLog
  private let isStopped: @Sendable () -> Bool
  private let report: (SinkProgress) -> Void
  private let source: any LogSource
  private let database: RetryingStore
  private let writer: BatchWriter
  private let isEnding: AtomicFlag
  private let verifier: TopicVerifier
  private var recordMapper: RecordMapper
  private var reader: (any LogReader)?

  private var tracker = PartitionTracker()
  private var batches: BatchAssembler
  private var commits = CommitTracker()
  private var isolation = FailureIsolation()
  private var brokers: BrokerHealth

  /// `--exit-at-end`: the end offset of each partition, fixed at the start.
  private var endOffsets: [Int32: Int64] = [:]
  /// The start of each partition's log, as far as known.
  private var beginningOffsets: [Int32: Int64] = [:]
  private var disconnectsSeen = 0
  private var lastWrite = ContinuousClock.now
  private var lastReport = ContinuousClock.now
  private var progress = SinkProgress()
  private var reportedUnknownFields = 0
  private var reportedExpired: [Int32: Int64] = [:]

  /// - Parameters:
  ///   - isStopped: whether to end the run; called often, from two threads.
  ///   - report: called a few times per second, on the thread that calls `run()`.
  /// - Throws: `SinkError` if the options and the description do not fit together, or if no thread can be created.
  public convenience init(
    resource: Resource, options: SinkOptions, configuration: KafkaConfiguration, log: KafkaLog = .silent,
    isStopped: @escaping @Sendable () -> Bool = { false }, report: @escaping (SinkProgress) -> Void = { _ in }
  ) throws {
    let source = KafkaSource(configuration: configuration, topic: options.topic, group: options.group, isStopped: isStopped)
    try self.init(resource: resource, options: options, source: source, log: log, isStopped: isStopped, report: report)
  }

  /// The same for any log.
  init(
    resource: Resource, options: SinkOptions, source: any LogSource, log: KafkaLog, isStopped: @escaping @Sendable () -> Bool,
    report: @escaping (SinkProgress) -> Void
  ) throws {
    self.resource = resource
    self.options = options
    self.source = source
    self.log = log
    self.isStopped = isStopped
    self.report = report
    let isEnding = AtomicFlag()
    self.isEnding = isEnding
    database = try RetryingStore(
      resource: resource, options: options, log: log, isStopped: isStopped, isAbandoned: { isStopped() || isEnding.isSet })
    progress.databaseFailure = { [health = database.health] in health.failureReason }
    recordMapper = try RecordMapper(resource, schema: database.store.tableSchema, options: options)
    writer = try BatchWriter(store: database.store, retrySeconds: options.retrySeconds, isStopped: isStopped)
    verifier = TopicVerifier(source: source, options: options, database: database, log: log, isStopped: isStopped)
    batches = BatchAssembler(maxRows: options.batchRows, maxAge: options.batchSeconds)
    brokers = BrokerHealth(retrySeconds: options.retrySeconds)
    database.onFailure = { [unowned self] in self.report(progress) }
  }

  /// The counts so far, also after `run()` has thrown.
  public var summary: SinkSummary { commits.totals }

  /// Runs until the end (`exitAtEnd`) or until `isStopped`. May be called once.
  ///
  /// - Throws: `SinkError`, `KafkaError` or `PostgresError`; `SinkError` of kind `stopped` if a signal came before the end.
  public func run() throws {
    defer { close() }
    do {
      try start()
      var step = Step.recover(.rewind)
      while step != .finished {
        if case .recover(let action) = step { try recover(action) }
        step = try pollOnce()
      }
    } catch let error where isStopped() && ((error as? KafkaError)?.isRetriable ?? (error as? PostgresError)?.isRetriable ?? false) {
      // The run ends because of the signal, not because a server did not respond in time.
      throw SinkError.stopped
    }
  }

  private func close() {
    // Do not wait for a server that does not respond: the run ends with its first error.
    isEnding.set()
    while writer.isBusy { _ = writer.wait(milliseconds: 1000) }
    writer.close()
    reader?.close()
    database.store.close()
  }

  // MARK: Start and recovery

  /// Prepares the table and the topic, and opens the reader.
  private func start() throws {
    try database.run { try $0.ensureSchema() }
    if options.fromBeginning {
      guard options.replace || !resource.primaryKey.isEmpty else {
        throw SinkError(
          .configuration, "without a key, reading from the beginning would duplicate the rows",
          hint: "add --replace to empty the table first")
      }
      try database.run { try $0.resetOffsets(wholeTable: options.replace, deletingRows: options.replace) }
    }
    try verifyTopic(isFirst: true)
    // The delay of end-of-partition events: short if the program waits for the end, otherwise fewer requests.
    reader = try source.openReader(endDelay: options.exitAtEnd ? 20 : 100, isMember: !options.exitAtEnd, log: log)
  }

  /// Finds the partitions with their starts and ends, and checks whether the topic is still the one whose offsets are stored.
  private func verifyTopic(isFirst: Bool) throws {
    let topic = try verifier.verify(reader: reader)
    database.store.cluster = topic.metadata.cluster
    beginningOffsets = topic.metadata.partitions.mapValues(\.start)
    if isFirst || topic.mismatch != nil { endOffsets = topic.metadata.partitions.mapValues(\.end) }
    if let mismatch = topic.mismatch { try restartFromBeginning(mismatch) }
    tracker.markVerified(topic.metadata.partitionIDs, stored: topic.stored, brokers: topic.brokers)
  }

  private func restartFromBeginning(_ mismatch: String) throws {
    let text = "topic \(options.topic) was recreated, or an unclean leader election truncated its log: \(mismatch)"
    guard !resource.primaryKey.isEmpty else {
      throw SinkError(
        .configuration, "\(text); without a key, reading it from the start would duplicate rows that have landed",
        hint: "to replace the rows, run once with --exit-at-end --from-beginning --replace; to keep them, choose another --group")
    }
    log(.warning, "\(text); reading it from the start")
    try database.run { try $0.resetOffsets(wholeTable: false, deletingRows: false) }
  }

  private func recover(_ action: RecoveryAction) throws {
    try discardInFlight()
    switch action {
    case .rewind: break
    case .ensureSchema: try database.run { try $0.ensureSchema() }
    case .revalidateTopic: try verifyTopic(isFirst: false)
    }
    try rewind()
  }

  /// Waits for the writer and discards the current batch, which is read again later.
  private func discardInFlight() throws {
    // What follows reads the stored offsets, which is what any outcome would ask for.
    if writer.isBusy { _ = try awaitResult() }
    tracker.removeAll()
    batches.rewind()
  }

  /// Reads the stored offsets and continues reading from there.
  private func rewind() throws {
    guard let reader else { return }
    let partitions = options.exitAtEnd ? endOffsets.keys.sorted() : reader.assignment
    let stored = try database.run { try $0.loadOffsets(partitions) }
    reconcile(stored)
    let wanted = Set(partitions)
    tracker.start(stored.filter { wanted.contains($0.partition) }, ends: options.exitAtEnd ? endOffsets : [:])
    isolation.rewind(to: tracker.partitions)
    skipExpiredOffsets()
    batches.begin(isolation.mode(tracker.partitions))
    try assign(tracker.partitions, reader)
  }

  private func reconcile(_ stored: [StoredOffset]) {
    let messages = commits.reconcile(with: stored)
    if messages > 0 { log(.warning, "a COMMIT whose response was lost has succeeded: \(messages) messages") }
  }

  /// Skips offsets that retention has deleted: they are counted as lost, and reading continues from the beginning of the log.
  private func skipExpiredOffsets() {
    for (partition, lost) in tracker.skipExpired(beginnings: beginningOffsets) {
      batches.current.counts.expired += lost.count
      if reportedExpired.updateValue(lost.lowerBound, forKey: partition) == lost.lowerBound { continue }
      log(
        .warning,
        "topic \(options.topic), partition \(partition): \(lost.count) offsets from \(lost.lowerBound) on were deleted before they were read"
      )
    }
  }

  /// Assigns partitions from their current positions. The start of a log is given as a number if it is known: with OFFSET_BEGINNING,
  /// librdkafka waits half a second for a leader that it does not know yet.
  private func assign(_ partitions: [PartitionProgress], _ reader: any LogReader) throws {
    try reader.assign(partitions.map { ($0.partition, $0.next ?? beginningOffsets[$0.partition]) })
  }

  // MARK: Reading

  /// Polls once and does the work that is due.
  private func pollOnce() throws -> Step {
    guard let reader else { return .finished }
    if isStopped() { return try finish(reader, isStopped: true) }
    if options.exitAtEnd, tracker.haveReachedTargets {
      let step = try finish(reader, isStopped: false)
      if step != .continue { return step }
    }
    var step = Step.continue
    let before = ContinuousClock.now
    let poll = try reader.poll(milliseconds: 20) { message in
      step = try handle(message)
      return step == .continue
    }
    let now = ContinuousClock.now
    progress.secondsInKafka += (now - before) / .seconds(1)
    if case .rebalanced = poll { return .recover(.rewind) }
    guard step == .continue else { return step }
    step = try write(now)
    guard step == .continue else { return step }
    // A partition that delivers messages beyond its end is no longer read.
    if let open = tracker.leaveEndedPartitions() { try assign(open, reader) }
    try checkStalledPartitions(now)
    try checkBrokers(reader, now)
    if now - lastReport >= .milliseconds(250) { reportProgress() }
    return .continue
  }

  /// Handles one message, end-of-partition event or failure from a poll.
  private func handle(_ message: KafkaMessage) throws -> Step {
    guard message.isMessage else { return try handleEvent(message) }
    let disconnects = reader?.disconnects ?? 0
    if disconnects != disconnectsSeen {
      disconnectsSeen = disconnects
      tracker.requireVerification()
    }
    let (partition, offset) = (message.partition, message.offset)
    switch tracker.handle(partition: partition, offset: offset, timestamp: message.timestamp, broker: message.broker) {
    case .discard: return .continue
    case .verifyTopic: return .recover(.revalidateTopic)
    case .accept: break
    }
    recordMapper.append(
      message, to: batches.current, rejects: database.store.rejectEncoder,
      forcedReason: isolation.forcedRejectionReason(partition: partition, offset: offset))
    guard batches.isFull(isolationRows: isolation.batchRows) else { return .continue }
    // The reader waits until the writer is free, which is the back-pressure.
    if writer.isBusy, case .recover(let action) = try awaitResult() { return .recover(action) }
    submitBatch()
    reportUnknownFields()
    return .continue
  }

  private func handleEvent(_ message: KafkaMessage) throws -> Step {
    switch message.content {
    case .message: break
    case .partitionEOF:
      logChange(brokers.recordContact())
      tracker.handleEnd(partition: message.partition, offset: message.offset)
    case .error(let error):
      switch error.name {
      case "_AUTO_OFFSET_RESET", "OFFSET_OUT_OF_RANGE":
        return .recover(.revalidateTopic)
      case "_MAX_POLL_EXCEEDED":
        log(.warning, "the group removed this member while it waited for Postgres (max.poll.interval.ms): joining again")
      case _ where error.kind == .unavailable:
        logChange(brokers.recordFailure(error))
      default:
        throw error
      }
    }
    return .continue
  }

  /// `--exit-at-end`: waits for an open transaction below the end, which is never mistaken for the end.
  private func checkStalledPartitions(_ now: ContinuousClock.Instant) throws {
    let limit = max(options.retrySeconds, options.openTransactionTimeoutSeconds)
    let stalled = tracker.checkStalledPartitions(now, limit: .seconds(limit))
    for partition in stalled.new {
      log(.info, "waiting for an open transaction at offset \(partition.next ?? 0) of partition \(partition.partition)")
    }
    guard let partition = stalled.expired.first else { return }
    throw SinkError(
      .unavailable,
      "topic \(options.topic), partition \(partition.partition): a transaction has been open at offset \(partition.next ?? 0) for \(limit) s",
      hint: "a producer crashed or is still running: its next run, or the broker after transaction.timeout.ms, ends the transaction")
  }

  /// Sends a metadata request each second while a connection is suspect: an idle member would not notice the recovery otherwise.
  private func checkBrokers(_ reader: any LogReader, _ now: ContinuousClock.Instant) throws {
    guard brokers.isProbeDue(isSuspect: reader.connectionSuspect, at: now) else { return }
    do {
      let exists = try reader.topicExists(milliseconds: 500)
      logChange(try brokers.recordProbe(topicExists: exists, at: now))
    } catch let error as KafkaError where error.kind == .unavailable {
      logChange(try brokers.recordProbe(topicExists: false, error: error, unreachable: reader.unavailableDuration, at: now))
    }
  }

  private func logChange(_ change: BrokerHealth.Change?) {
    switch change {
    case .failing(let error): log(.warning, "Kafka: \(error); trying for \(options.retrySeconds) s")
    case .recovered(let duration):
      log(.info, "Kafka: topic \(options.topic) answers again after \(duration.components.seconds) s")
    case nil: break
    }
  }

  // MARK: Writing

  /// Takes the result of the batch in flight, if it is known, and submits what is due.
  private func write(_ now: ContinuousClock.Instant) throws -> Step {
    if writer.isBusy, let step = try takeResult(), step != .continue { return step }
    batches.recordPoll(at: now)
    guard !writer.isBusy else { return .continue }
    if batches.isDue(hasOffsetCommits: !tracker.offsetCommits.isEmpty, isIdle: tracker.isIdle, at: now) {
      submitBatch()
    } else if tracker.isIdle, batches.current.isEmpty {
      if commits.hasUndurable {
        makeDurable()
      } else if now - lastWrite >= DatabaseHealth.probeInterval {
        // Nothing to write for a while: check that Postgres responds.
        lastWrite = .now
        writer.start(batches.submitWithoutMessages())
      }
    }
    return .continue
  }

  /// Submits the current batch to the writer, which must not be busy, and begins the next.
  private func submitBatch(isLast: Bool = false) {
    let isDurable = isLast || tracker.isIdle || commits.isDurableCommitDue(at: .now)
    writer.start(batches.submit(tracker.offsetCommits, isDurable: isDurable))
    tracker.markFlushed()
    lastWrite = .now
    batches.begin(isolation.mode(tracker.partitions))
  }

  /// Makes earlier asynchronous commits durable, before the program becomes idle or ends.
  private func makeDurable() {
    guard let commit = commits.durabilityCommit(tracker.partitions) else { return }
    writer.start(batches.submitWithoutMessages([commit]))
  }

  /// Waits for the result of the batch in flight.
  private func awaitResult() throws -> Step {
    while true { if let step = try takeResult(milliseconds: 100) { return step } }
  }

  /// The step that the result of the batch in flight leads to; nil if it is not known within the given time.
  private func takeResult(milliseconds: Int = 0) throws -> Step? {
    guard let result = writer.wait(milliseconds: milliseconds) else { return nil }
    progress.secondsInPostgres = writer.seconds
    progress.retries = database.retries + writer.retries
    let batch = batches.inFlight
    switch result {
    case .committed:
      handleCommit(batch)
      return .continue
    case .offsetConflict:
      log(.info, "another run advanced the offsets: continuing from there")
      return .recover(.rewind)
    case .connectionLost(let error):
      if error.commitOutcomeUnknown { commits.recordUnknownCommit(batch.offsetCommits, counts: batch.counts) }
      log(.debug, "Postgres: \(error); \(batch.counts.received) messages are read again")
      if !isStopped() { try handleLostConnection(batch, error) }
      return .recover(.rewind)
    case .constraintViolation(let error):
      return try replay(isolation.handleConstraintViolation(batch.failed, error), error)
    case .schemaMismatch(let error):
      log(.warning, "Postgres: \(error); checking the table again")
      return try replay(isolation.handleSchemaMismatch(batch.failed, error), error)
    case .failed(let error):
      throw error
    }
  }

  /// Waits before the next attempt.
  ///
  /// - Throws: the error, once attempts have failed for `--retry-seconds`; it names the messages if they are suspected.
  private func handleLostConnection(_ batch: Batch, _ error: PostgresError) throws {
    let losses = isolation.handleLostConnection(batch.failed, error)
    do {
      try database.recordWriteFailure(error, hadOffsets: !batch.offsetCommits.isEmpty)
    } catch let error as PostgresError {
      guard let losses else { throw error }
      let ranges = batch.offsetCommits.sorted { $0.partition < $1.partition }.compactMap { commit -> String? in
        guard let last = commit.last?.offset else { return nil }
        let first = batch.counts.received == 1 ? last : commit.expected ?? beginningOffsets[commit.partition] ?? 0
        return "partition \(commit.partition), " + (first == last ? "offset \(last)" : "offsets \(first) to \(last)")
      }
      throw SinkError(
        .unavailable,
        "database: \(error); the session ended \(losses) times in a row while these messages were written: topic \(options.topic), "
          + ranges.joined(separator: "; "),
        hint:
          "See the server's log. If it stays up, a trigger on \(options.table) ends the session, or a function crashes it: correct that.")
    }
  }

  private func replay(_ verdict: FailureIsolation.Verdict, _ error: PostgresError) throws -> Step {
    switch verdict {
    case .fail(let error): throw error
    case .replay(let isFirst):
      if isFirst { log(.info, "Postgres does not accept a batch (\(error)): looking for the records that cause it") }
      return .recover(.ensureSchema)
    }
  }

  private func handleCommit(_ batch: Batch) {
    database.recordWriteSuccess()
    if batch.offsetCommits.isEmpty { return }
    isolation.recordCommit(wasIsolating: batch.isIsolating)
    commits.recordCommit(batch.offsetCommits, counts: batch.counts, isDurable: batch.isDurable)
    if batch.isDurable { reader?.commit(tracker.storedOffsets, milliseconds: nil) }
    if batch.counts.received > 0 {
      log(.debug, "landed \(batch.counts.landed), rejected \(batch.counts.rejected), deleted \(batch.counts.deleted)")
    }
    reportProgress()
  }

  // MARK: End

  /// Lands the current batch and makes all commits durable.
  ///
  /// - Throws: `SinkError.stopped` if a signal came before the end that `--exit-at-end` asks for.
  private func finish(_ reader: any LogReader, isStopped: Bool) throws -> Step {
    let step = try flush()
    if step != .continue {
      guard isStopped else { return step }
      // The next run reads again what did not land. Commits with an unknown outcome are looked up, if the database still responds.
      if let stored = try? database.store.loadOffsets([]) { reconcile(stored) }
    }
    reportUnknownFields()
    reportProgress()
    reader.commit(tracker.storedOffsets, milliseconds: 500)
    if isStopped, options.exitAtEnd, !(step == .continue && tracker.haveReachedTargets) { throw SinkError.stopped }
    return .finished
  }

  private func flush() throws -> Step {
    if writer.isBusy, case .recover(let action) = try awaitResult() { return .recover(action) }
    if !batches.current.isEmpty || !tracker.offsetCommits.isEmpty {
      submitBatch(isLast: true)
      if case .recover(let action) = try awaitResult() { return .recover(action) }
    }
    if commits.hasUndurable {
      makeDurable()
      if writer.isBusy { return try awaitResult() }
    }
    return .continue
  }

  /// Updates `progress` and passes it to `report`.
  private func reportProgress() {
    lastReport = .now
    progress.summary = summary
    progress.lag = [:]
    for partition in tracker.partitions {
      guard let next = partition.next, let end = reader?.lastHighWatermark(partition.partition) else { continue }
      progress.lag[partition.partition] = max(0, end - next)
    }
    if options.exitAtEnd {
      let total = endOffsets.reduce(0) { $0 + $1.value - (beginningOffsets[$1.key] ?? 0) }
      let left = tracker.partitions.reduce(0) { $0 + max(0, ($1.end ?? 0) - ($1.next ?? beginningOffsets[$1.partition] ?? 0)) }
      progress.fraction = total > 0 ? 1 - Double(left) / Double(total) : 1
    }
    report(progress)
  }

  /// Fields that the description does not declare are skipped. Each is logged once.
  private func reportUnknownFields() {
    let names = recordMapper.unknownFields
    guard names.count > reportedUnknownFields else { return }
    let new = names[reportedUnknownFields...].joined(separator: ", ")
    reportedUnknownFields = names.count
    log(.warning, "skipping fields that are not in the description: \(new)")
  }
}

/// Set once, from any thread.
private final class AtomicFlag: Sendable {
  private let value = Atomic<Bool>(false)
  var isSet: Bool { value.load(ordering: .acquiring) }
  func set() { value.store(true, ordering: .releasing) }
}

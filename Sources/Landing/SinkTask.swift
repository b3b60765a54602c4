import Dataset
import Postgres
import Support
import Synchronization

/// Lands the messages of a topic as rows of a table, each exactly once (docs/landing.md).
///
/// The thread that calls `run()` owns the topic reader: it polls, passes messages to the `BatchPipeline`, and recovers. The decisions are made by
/// values without I/O: `PartitionTracker` (positions and ends), `BatchAssembler` (the batch being filled), `CommitTracker` (which commits are
/// durable), `FailureIsolation` (which record a failed batch is to blame on) and `BrokerHealth` (outages). This class does the I/O of the topic
/// for them, and `BatchPipeline` that of the database.
package final class SinkTask {
  private let resource: Resource
  private let options: SinkOptions
  private let log: SinkLog
  private let isStopped: @Sendable () -> Bool
  private let report: (SinkProgress) -> Void
  private let source: any TopicSource
  private let database: RetryingStore
  private let isEnding: AtomicFlag
  private let verifier: TopicVerifier
  private let pipeline: BatchPipeline
  private var reader: (any TopicReader)?
  private var tracker = PartitionTracker()
  private var brokers: BrokerHealth

  /// `--exit-at-end`: the end offset of each partition, fixed at the start.
  private var endOffsets: [Int32: Int64] = [:]
  /// The start of each partition's log, as far as known.
  private var beginningOffsets: [Int32: Int64] = [:]
  private var disconnectsSeen = 0
  private var lastReport = ContinuousClock.now
  private var progress = SinkProgress()
  private var reportedExpired: [Int32: Int64] = [:]
  /// The offsets of durable commits that are still to be published for tools that show lag.
  private var unpublishedOffsets: [(partition: Int32, offset: Int64)] = []

  /// - Throws: `SinkError` if the options and the description do not fit together, or if no thread can be created.
  init(
    resource: Resource, options: SinkOptions, source: any TopicSource, log: SinkLog, isStopped: @escaping @Sendable () -> Bool,
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
    pipeline = try BatchPipeline(resource: resource, options: options, database: database, log: log, isStopped: isStopped)
    verifier = TopicVerifier(source: source, options: options, database: database, log: log, isStopped: isStopped)
    brokers = BrokerHealth(retrySeconds: options.retrySeconds)
    database.onFailure = { [unowned self] in self.report(progress) }
  }

  /// The counts so far, also after `run()` has thrown.
  package var summary: SinkSummary { pipeline.totals }

  /// Runs until the end (`exitAtEnd`) or until `isStopped`. May be called once.
  ///
  /// - Throws: `SinkError`, `PostgresError` or the error of the log's client, such as `KafkaError`; `SinkError` of kind `stopped` if a signal
  ///   came before the end.
  package func run() throws {
    defer { close() }
    do {
      try start()
      var step = SinkStep.recover(.rewind)
      while step != .finished {
        if case .recover(let action) = step { try recover(action) }
        step = try pollOnce()
      }
    } catch let error where isStopped() && ((error as? TopicError)?.isRetriable ?? (error as? PostgresError)?.isRetriable ?? false) {
      // The run ends because of the signal, not because a server did not respond in time.
      throw SinkError.stopped
    } catch let error as TopicError {
      throw error.cause
    }
  }

  private func close() {
    // Do not wait for a server that does not respond: the run ends with its first error.
    isEnding.set()
    pipeline.close()
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
    let reader = try source.openReader(endDelay: options.exitAtEnd ? 20 : 100, isMember: !options.exitAtEnd)
    pipeline.wakeReader(with: reader.wake)
    self.reader = reader
  }

  /// Finds the partitions with their starts and ends, and checks whether the topic is still the one whose offsets are stored.
  private func verifyTopic(isFirst: Bool) throws {
    let topic = try verifier.verify(reader: reader)
    database.store.cluster = topic.metadata.cluster
    beginningOffsets = topic.metadata.partitions.mapValues(\.start)
    if isFirst || topic.mismatch != nil { endOffsets = topic.metadata.partitions.mapValues(\.end) }
    if let mismatch = topic.mismatch { try restartFromBeginning(mismatch) }
    // After a restart no offsets are stored that could be trusted.
    tracker.markVerified(topic.metadata.partitionIDs, stored: topic.mismatch == nil ? topic.stored : [], brokers: topic.brokers)
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
    var action = action
    // The result of the batch in flight may ask for more than a rewind.
    if pipeline.isBusy, case .recover(let other) = try awaitResult(), action == .rewind { action = other }
    // The current batch is read again.
    tracker.removeAll()
    pipeline.discard()
    unpublishedOffsets = []
    switch action {
    case .rewind: break
    case .ensureSchema: try database.run { try $0.ensureSchema() }
    case .revalidateTopic: try verifyTopic(isFirst: false)
    }
    try rewind()
  }

  /// Reads the stored offsets and continues reading from there.
  private func rewind() throws {
    guard let reader else { return }
    let partitions = options.exitAtEnd ? endOffsets.keys.sorted() : reader.assignment
    let stored = try database.run { try $0.loadOffsets(creatingMissing: partitions) }
    let wanted = Set(partitions)
    tracker.start(stored.filter { wanted.contains($0.partition) }, ends: options.exitAtEnd ? endOffsets : [:])
    skipExpiredOffsets()
    pipeline.resume(stored, at: tracker.partitions)
    try assign(tracker.partitions, reader)
  }

  /// Skips offsets that retention has deleted: they are counted as lost, and reading continues from the beginning of the log.
  private func skipExpiredOffsets() {
    for (partition, lost) in tracker.skipExpired(beginnings: beginningOffsets) {
      pipeline.addExpired(lost.count)
      if reportedExpired.updateValue(lost.lowerBound, forKey: partition) == lost.lowerBound { continue }
      log(
        .warning,
        "topic \(options.topic), partition \(partition): retention deleted \(counted(lost.count, "offset")) from \(lost.lowerBound) on before reading"
      )
    }
  }

  /// Assigns partitions from their current positions. The start of a log is given as a number if it is known: with OFFSET_BEGINNING,
  /// librdkafka waits half a second for a leader that it does not know yet.
  private func assign(_ partitions: [PartitionProgress], _ reader: any TopicReader) throws {
    try reader.assign(partitions.map { ($0.partition, $0.next ?? beginningOffsets[$0.partition]) })
  }

  // MARK: Reading

  /// Polls once and does the work that is due.
  private func pollOnce() throws -> SinkStep {
    guard let reader else { return .finished }
    if isStopped() { return try finish(reader, isStopped: true) }
    if options.exitAtEnd, tracker.haveReachedTargets {
      let step = try finish(reader, isStopped: false)
      if step != .continue { return step }
    }
    var step = SinkStep.continue
    let before = ContinuousClock.now
    let poll = try reader.poll(timeout: .milliseconds(20)) { event in
      step = try handle(event, reader)
      return step == .continue
    }
    let now = ContinuousClock.now
    progress.secondsInKafka += (now - before) / .seconds(1)
    guard case .polled(let isDrained) = poll else { return .recover(.rewind) }
    guard step == .continue else { return step }
    step = try submitIfDue(now, isDrained: isDrained)
    guard step == .continue else { return step }
    // A partition that delivers messages beyond its end is no longer read.
    if let open = tracker.leaveEndedPartitions() { try assign(open, reader) }
    try checkStalledPartitions(now)
    logChange(try reader.probe(&brokers, at: now))
    if now - lastReport >= .milliseconds(250) {
      reader.publishOffsets(unpublishedOffsets, timeout: nil)
      unpublishedOffsets = []
      reportProgress()
    }
    return .continue
  }

  /// Handles one item of a poll.
  private func handle(_ event: TopicEvent, _ reader: any TopicReader) throws -> SinkStep {
    switch event {
    case .record(let record):
      return try handle(record, reader)
    case .end(let partition, let offset):
      logChange(brokers.recordContact())
      tracker.handleEnd(partition: partition, offset: offset)
      return .continue
    case .failure(let error):
      switch error.kind {
      case .offsetOutOfRange: return .recover(.revalidateTopic)
      case .membershipLost:
        log(.warning, "the group removed this member while it waited for Postgres (max.poll.interval.ms): joining again")
      case .unavailable: logChange(brokers.recordFailure(error))
      case .other: throw error
      }
      return .continue
    }
  }

  private func handle(_ record: SinkRecord, _ reader: any TopicReader) throws -> SinkStep {
    let disconnects = reader.disconnects
    if disconnects != disconnectsSeen {
      disconnectsSeen = disconnects
      tracker.requireVerification()
    }
    switch tracker.handle(record) {
    case .discard: return .continue
    case .verifyTopic: return .recover(.revalidateTopic)
    case .accept: break
    }
    guard pipeline.append(record) else { return .continue }
    // The reader waits until the writer is free, which is the back-pressure.
    if pipeline.isBusy, case .recover(let action) = try awaitResult() { return .recover(action) }
    submitBatch()
    pipeline.reportUnknownFields()
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

  private func logChange(_ change: BrokerHealth.Change?) {
    switch change {
    case .failing(let error): log(.warning, "Kafka, trying for \(options.retrySeconds) s: \(error)")
    case .recovered(let duration):
      log(.info, "Kafka: topic \(options.topic) answers again after \(duration.components.seconds) s")
    case nil: break
    }
  }

  // MARK: Writing

  /// Takes the result of the batch in flight, if it is known, and submits what is due.
  private func submitIfDue(_ now: ContinuousClock.Instant, isDrained: Bool) throws -> SinkStep {
    if pipeline.isBusy, let step = try takeResult(), step != .continue { return step }
    pipeline.recordPoll(at: now)
    guard !pipeline.isBusy else { return .continue }
    // While a follower's batch commits, the next one fills. Nobody waits for the rows of a run to the end: its batches are large.
    let isDrained = isDrained && !options.exitAtEnd || tracker.isIdle
    if pipeline.isDue(hasOffsetCommits: !tracker.offsetCommits.isEmpty, isDrained: isDrained, at: now) {
      submitBatch()
    } else if tracker.isIdle, pipeline.isEmpty {
      pipeline.submitWhileIdle(tracker.partitions, at: now)
    }
    return .continue
  }

  private func submitBatch() {
    pipeline.submit(&tracker, waitsForDisk: tracker.isCaughtUp { reader?.lastHighWatermark($0) })
  }

  /// Waits for the result of the batch in flight.
  private func awaitResult() throws -> SinkStep {
    while true { if let step = try takeResult(timeout: .milliseconds(100)) { return step } }
  }

  /// The step that the result of the batch in flight leads to; nil if it is not known within the given time.
  private func takeResult(timeout: Duration = .zero) throws -> SinkStep? {
    switch try pipeline.takeResult(timeout: timeout) {
    case nil: return nil
    case .recover(let action): return .recover(action)
    case .responded: return .continue
    case .committed(let isDurable):
      if isDurable { unpublishedOffsets = tracker.submittedOffsets }
      return .continue
    }
  }

  // MARK: End

  /// Lands the current batch and makes all commits durable.
  ///
  /// - Throws: `SinkError.stopped` if a signal came before the end that `--exit-at-end` asks for.
  private func finish(_ reader: any TopicReader, isStopped: Bool) throws -> SinkStep {
    let step = try flush()
    if step != .continue {
      guard isStopped else { return step }
      // The next run reads again what did not land. Commits with an unknown outcome are looked up, if the database still responds.
      if let stored = try? database.store.loadOffsets() { pipeline.reconcile(stored) }
    }
    pipeline.reportUnknownFields()
    reportProgress()
    // What was submitted and did not land is not published.
    if step == .continue { reader.publishOffsets(tracker.submittedOffsets, timeout: .milliseconds(500)) }
    if isStopped, options.exitAtEnd, !(step == .continue && tracker.haveReachedTargets) { throw SinkError.stopped }
    return .finished
  }

  private func flush() throws -> SinkStep {
    if pipeline.isBusy, case .recover(let action) = try awaitResult() { return .recover(action) }
    if !pipeline.isEmpty || !tracker.offsetCommits.isEmpty {
      pipeline.submit(&tracker, waitsForDisk: true)
      if case .recover(let action) = try awaitResult() { return .recover(action) }
    }
    pipeline.makeDurable(tracker.partitions)
    return pipeline.isBusy ? try awaitResult() : .continue
  }

  /// Updates `progress` and passes it to `report`.
  private func reportProgress() {
    lastReport = .now
    progress.summary = summary
    progress.secondsInPostgres = pipeline.secondsInPostgres
    progress.retries = pipeline.retries
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
}

/// Set once, from any thread.
private final class AtomicFlag: Sendable {
  private let value = Atomic<Bool>(false)
  var isSet: Bool { value.load(ordering: .acquiring) }
  func set() { value.store(true, ordering: .releasing) }
}

/// What a step of a run leads to.
enum SinkStep: Equatable {
  case `continue`
  /// The messages already fetched in the same poll are discarded.
  case recover(RecoveryAction)
  case finished
}

/// What has to be done before reading continues.
enum RecoveryAction: Equatable {
  /// Discard what is in flight, read the stored offsets, assign from there.
  case rewind
  /// The table may have changed: check it as at the start, then rewind.
  case ensureSchema
  /// An offset is out of range, or the log may be another one: check the topic as at the start, then rewind.
  case revalidateTopic
}

import Dataset
import Kafka
import Postgres
import Synchronization

/// The journey's second half: messages of a topic become rows of a table, each exactly once (docs/landing.md).
///
/// The thread that calls `run()` owns the consumer: it polls, types messages into a batch, and hands it to the writer's thread. By turns
/// with that thread it uses the store.
public final class SinkTask {
  let resource: Resource
  let options: SinkOptions
  let configuration: KafkaConfiguration
  let log: KafkaLog
  let isStopped: @Sendable () -> Bool
  let report: (SinkProgress) -> Void
  let store: PostgresStore
  let writer: BatchWriter
  let health: DatabaseHealth
  private let isEnding: AtomicFlag
  var recordMapper: RecordMapper
  var consumer: KafkaConsumer?

  /// The batch being typed, and the one that is or will be written.
  var batch = Batch()
  var inFlightBatch = Batch()
  var batchStartedAt: ContinuousClock.Instant?
  var epoch = 0
  var tracker = PartitionTracker()
  var disconnectsSeen = 0
  /// `--exit-at-end`: partitions and their ends, fixed at the start.
  var endOffsets: [Int32: Int64] = [:]
  /// Where each partition's log starts, as far as known.
  var beginningOffsets: [Int32: Int64] = [:]

  /// Landed for good, told to be so.
  var durableTotals = SinkSummary()
  /// Landed by COMMITs that a crash of the server could still take back, and those whose answer never came.
  var undurableCommits: [UndurableCommit] = []
  var lastDurableCommit = ContinuousClock.now
  /// Up to which offsets messages are replayed with their payloads kept.
  var isolationEnds: [Int32: Int64] = [:]
  var isolationBatchRows = SinkOptions.maxIsolationRows
  /// The replay comes after attempts that took all the time there was.
  var isLastAttempt = false
  /// A message that the server refuses at COMMIT, alone in its batch.
  var rejectedAtCommit: (partition: Int32, offset: Int64, reason: String)?
  var schemaRetryCount = 0
  /// Batches in a row that broke their session.
  var brokenStrikes = 0
  var databaseRetries = 0
  /// Attempts since the database last did what it was asked; `isWriteFailing`: what failed was a batch, so that only a batch is a success.
  var databaseRetry: RetryPolicy
  var isWriteFailing = false
  var lastWrite = ContinuousClock.now
  var brokerOutage: (since: ContinuousClock.Instant, error: KafkaError)?
  var lastProbe = ContinuousClock.now
  var lastReport = ContinuousClock.now
  var progress = SinkProgress()
  var reportedUnknownFields = 0
  var reportedExpired: [Int32: Int64] = [:]

  struct UndurableCommit {
    let offsetCommits: [OffsetCommit]
    let counts: SinkSummary
    /// Whether the COMMIT happened is not known.
    let isUnknown: Bool
  }

  /// - Parameters:
  ///   - isStopped: whether to come to an end; asked often, from two threads.
  ///   - report: called by the thread that runs, a few times a second.
  public init(
    resource: Resource, options: SinkOptions, configuration: KafkaConfiguration, log: KafkaLog = .silent,
    isStopped: @escaping @Sendable () -> Bool = { false }, report: @escaping (SinkProgress) -> Void = { _ in }
  ) throws {
    self.resource = resource
    self.options = options
    self.configuration = configuration
    self.log = log
    self.isStopped = isStopped
    self.report = report
    let isEnding = AtomicFlag()
    let waiting = PostgresWaitPolicy(graceSeconds: Self.graceSeconds) { isStopped() || isEnding.isSet }
    self.isEnding = isEnding
    health = DatabaseHealth(waiting)
    databaseRetry = RetryPolicy(seconds: options.retrySeconds)
    progress.databaseFailure = { [health] in health.failureReason }
    store = try PostgresStore(options: options, resource: resource, log: log, waiting: waiting)
    recordMapper = try RecordMapper(resource, shape: store.tableSchema, options: options)
    writer = try BatchWriter(store: store, retrySeconds: options.retrySeconds, isStopped: isStopped)
  }

  /// What was done so far, also after `run()` threw.
  public var summary: SinkSummary {
    undurableCommits.filter { !$0.isUnknown }.reduce(into: durableTotals) { $0 += $1.counts }
  }

  /// Lands until the end (`exitAtEnd`), or until it is stopped.
  ///
  /// - Throws: `SinkError`, `KafkaError` or `PostgresError`; `SinkError` of kind `stopped` where a signal came before the end.
  public func run() throws {
    defer { close() }
    do {
      try runUntilEnd()
    } catch let error where isStopped() && ((error as? KafkaError)?.isRetriable ?? (error as? PostgresError)?.isRetriable ?? false) {
      // A server that did not answer in time is not why the run ends: the signal is.
      throw SinkError.stopped
    }
  }

  private func runUntilEnd() throws {
    try start()
    var detour: RecoveryAction? = .rewind
    while true {
      do {
        switch detour {
        case .rewind: try rewind()
        case .ensureSchema: try ensureSchema()
        case .revalidateTopic: try revalidateTopic()
        case nil: break
        }
        detour = nil
        if try pollOnce() { return }
      } catch let next as RecoveryAction {
        detour = next
      }
    }
  }

  private func close() {
    // The error that ends the run does not wait for a server that does not respond.
    isEnding.set()
    while writer.isBusy { _ = writer.wait(milliseconds: 1000) }
    writer.close()
    consumer?.close()
    store.close()
  }
}

/// Set once, from any thread.
private final class AtomicFlag: Sendable {
  private let value = Atomic<Bool>(false)
  var isSet: Bool { value.load(ordering: .acquiring) }
  func set() { value.store(true, ordering: .releasing) }
}

/// What has to be done before reading goes on. Thrown, so that what came with the same poll is dropped on the way.
enum RecoveryAction: Error {
  /// Drop what is in hand, read the stored offsets, assign from there.
  case rewind
  /// The table may have changed: see to it as at the start, then go back.
  case ensureSchema
  /// An offset is out of range: see to the topic as at the start, then go back.
  case revalidateTopic
}

import Dataset
import Kafka
import Postgres
import Synchronization

/// Lands the messages of a topic as rows of a table, each exactly once (docs/landing.md).
///
/// The thread that calls `run()` owns the consumer: it polls, converts messages to rows of a batch, and submits the batch to the writer's
/// thread. The two threads use the store in turns.
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

  /// The batch being filled.
  var batch = Batch()
  /// The batch being written, or free for the next one.
  var inFlightBatch = Batch()
  var batchStartedAt: ContinuousClock.Instant?
  var epoch = 0
  var tracker = PartitionTracker()
  var disconnectsSeen = 0
  /// `--exit-at-end`: the end offset of each partition, fixed at the start.
  var endOffsets: [Int32: Int64] = [:]
  /// The start of each partition's log, as far as known.
  var beginningOffsets: [Int32: Int64] = [:]

  /// Totals whose commits are durable.
  var durableTotals = SinkSummary()
  /// Commits that a crash of the server could still lose, and COMMITs whose response was lost.
  var undurableCommits: [UndurableCommit] = []
  var lastDurableCommit = ContinuousClock.now
  /// Isolation mode: the offset, by partition, up to which messages are replayed with their payloads.
  var isolationEnds: [Int32: Int64] = [:]
  var isolationBatchRows = SinkOptions.maxIsolationRows
  /// Whether the replay comes after the time for retries was used up.
  var isLastAttempt = false
  /// A message that was alone in its batch when COMMIT failed: it is rejected.
  var rejectedAtCommit: (partition: Int32, offset: Int64, reason: String)?
  var schemaRetryCount = 0
  /// Batches in a row that broke their session.
  var brokenStrikes = 0
  var databaseRetries = 0
  /// Failed attempts since the last success.
  var databaseRetry: RetryPolicy
  /// Whether the failure was in writing a batch: then only a written batch is a success.
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
    /// Whether the outcome of the COMMIT is unknown.
    let isUnknown: Bool
  }

  /// - Parameters:
  ///   - isStopped: whether to end the run; called often, from two threads.
  ///   - report: called a few times per second, on the thread that calls `run()`.
  /// - Throws: `SinkError` if the options and the description do not fit together, or if no thread can be created.
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

  /// The counts so far, also after `run()` has thrown.
  public var summary: SinkSummary {
    undurableCommits.filter { !$0.isUnknown }.reduce(into: durableTotals) { $0 += $1.counts }
  }

  /// Runs until the end (`exitAtEnd`) or until `isStopped`. May be called once.
  ///
  /// - Throws: `SinkError`, `KafkaError` or `PostgresError`; `SinkError` of kind `stopped` if a signal came before the end.
  public func run() throws {
    defer { close() }
    do {
      try runUntilEnd()
    } catch let error where isStopped() && ((error as? KafkaError)?.isRetriable ?? (error as? PostgresError)?.isRetriable ?? false) {
      // The run ends because of the signal, not because a server did not respond in time.
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
    // Do not wait for a server that does not respond: the run ends with its first error.
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

/// A recovery action interrupts the poll; messages already fetched in that poll are discarded, since it is thrown.
enum RecoveryAction: Error {
  /// Discard what is in flight, read the stored offsets, assign from there.
  case rewind
  /// The table may have changed: check it as at the start, then rewind.
  case ensureSchema
  /// An offset is out of range, or the log may be another one: check the topic as at the start, then rewind.
  case revalidateTopic
}

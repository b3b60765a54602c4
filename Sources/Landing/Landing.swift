import Dataset
import Kafka
import Postgres
import Synchronization

/// The journey's second half: messages of a topic become rows of a table, each exactly once (docs/landing.md).
///
/// The thread that calls `run()` owns the consumer: it polls, types messages into a batch, and hands it to the writer's thread. By turns
/// with that thread it uses the store.
public final class Landing {
  let resource: Resource
  let options: LandingOptions
  let configuration: KafkaConfiguration
  let log: KafkaLog
  let isStopped: @Sendable () -> Bool
  let report: (LandingProgress) -> Void
  let store: Store
  let writer: Writer
  let health: DatabaseHealth
  private let isEnding: Flag
  var typist: Typist
  var consumer: KafkaConsumer?

  /// The batch being typed, and the one that is or will be written.
  var batch = Batch()
  var otherBatch = Batch()
  var batchSince: ContinuousClock.Instant?
  var generation = 0
  var tracker = PartitionTracker()
  var disconnectsSeen = 0
  /// `--exit-at-end`: partitions and their ends, fixed at the start.
  var ends: [Int32: Int64] = [:]
  /// Where each partition's log starts, as far as known.
  var starts: [Int32: Int64] = [:]

  /// Landed for good, told to be so.
  var settled = LandingSummary()
  /// Landed by COMMITs that a crash of the server could still take back, and those whose answer never came.
  var pending: [Pending] = []
  var lastDurable = ContinuousClock.now
  /// Up to which offsets messages are replayed with their payloads kept.
  var carefulUntil: [Int32: Int64] = [:]
  var carefulRows = LandingOptions.carefulRows
  /// The replay comes after attempts that took all the time there was.
  var isLastChance = false
  /// A message that the server refuses at COMMIT, alone in its batch.
  var condemned: (partition: Int32, offset: Int64, reason: String)?
  var schemaStrikes = 0
  /// Batches in a row that broke their session.
  var brokenStrikes = 0
  var databaseRetries = 0
  /// Attempts since the database last did what it was asked; `isWriteFailing`: what failed was a batch, so that only a batch is a success.
  var database: RetryPolicy
  var isWriteFailing = false
  var lastWrite = ContinuousClock.now
  var trouble: (since: ContinuousClock.Instant, error: KafkaError)?
  var lastProbe = ContinuousClock.now
  var lastReport = ContinuousClock.now
  var progress = LandingProgress()
  var unknownFieldsTold = 0
  var lostTold: [Int32: Int64] = [:]

  struct Pending {
    let moves: [Move]
    let counts: LandingSummary
    /// Whether the COMMIT happened is not known.
    let isUnknown: Bool
  }

  /// - Parameters:
  ///   - isStopped: whether to come to an end; asked often, from two threads.
  ///   - report: called by the thread that runs, a few times a second.
  public init(
    resource: Resource, options: LandingOptions, configuration: KafkaConfiguration, log: KafkaLog = .silent,
    isStopped: @escaping @Sendable () -> Bool = { false }, report: @escaping (LandingProgress) -> Void = { _ in }
  ) throws {
    self.resource = resource
    self.options = options
    self.configuration = configuration
    self.log = log
    self.isStopped = isStopped
    self.report = report
    let isEnding = Flag()
    let waiting = PostgresWaiting(graceSeconds: Self.graceSeconds) { isStopped() || isEnding.isSet }
    self.isEnding = isEnding
    health = DatabaseHealth(waiting)
    database = RetryPolicy(seconds: options.retrySeconds)
    progress.databaseTrouble = { [health] in health.trouble }
    store = try Store(options: options, resource: resource, log: log, waiting: waiting)
    typist = try Typist(resource, shape: store.shape, options: options)
    writer = try Writer(store: store, retrySeconds: options.retrySeconds, isStopped: isStopped)
  }

  /// What was done so far, also after `run()` threw.
  public var summary: LandingSummary {
    pending.filter { !$0.isUnknown }.reduce(into: settled) { $0 += $1.counts }
  }

  /// Lands until the end (`exitAtEnd`), or until it is stopped.
  ///
  /// - Throws: `LandingError`, `KafkaError` or `PostgresError`; `LandingError` of kind `stopped` where a signal came before the end.
  public func run() throws {
    defer { close() }
    do {
      try runUntilEnd()
    } catch let error where isStopped() && ((error as? KafkaError)?.isRetriable ?? (error as? PostgresError)?.isRetriable ?? false) {
      // A server that did not answer in time is not why the run ends: the signal is.
      throw LandingError.stopped
    }
  }

  private func runUntilEnd() throws {
    try start()
    var detour: Detour? = .goBack
    while true {
      do {
        switch detour {
        case .goBack: try goBack()
        case .seeToTable: try seeToTable()
        case .seeToTopic: try seeToTopic()
        case nil: break
        }
        detour = nil
        if try step() { return }
      } catch let next as Detour {
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
private final class Flag: Sendable {
  private let value = Atomic<Bool>(false)
  var isSet: Bool { value.load(ordering: .acquiring) }
  func set() { value.store(true, ordering: .releasing) }
}

/// What has to be done before reading goes on. Thrown, so that what came with the same poll is dropped on the way.
enum Detour: Error {
  /// Drop what is in hand, read the stored offsets, assign from there.
  case goBack
  /// The table may have changed: see to it as at the start, then go back.
  case seeToTable
  /// An offset is out of range: see to the topic as at the start, then go back.
  case seeToTopic
}

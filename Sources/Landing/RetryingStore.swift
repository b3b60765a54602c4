import Dataset
import Glibc
import Postgres
import Support
import Synchronization

/// The store, its retries and its health.
///
/// An outage is logged once when it begins and once when it ends. It lasts until the last success, and a success is a batch that was committed: a
/// server that answers questions and cannot write (disk full, read-only) is as bad as one that is unavailable.
final class RetryingStore {
  let store: PostgresStore
  let health: DatabaseHealth
  /// Called when an outage begins.
  var onFailure: () -> Void = {}
  /// Attempts that failed, of the whole run.
  private(set) var retries = 0
  /// Failed attempts since the last success.
  private var policy: RetryPolicy
  /// Whether the failure was in writing a batch: then only a written batch is a success.
  private var isWriteFailing = false
  private let retrySeconds: Int
  private let log: SinkLog
  private let isStopped: @Sendable () -> Bool

  /// - Parameter isAbandoned: whether a wait for the server may be given up, after the grace period.
  init(
    resource: Resource, options: SinkOptions, log: SinkLog, isStopped: @escaping @Sendable () -> Bool,
    isAbandoned: @escaping @Sendable () -> Bool
  ) throws(SinkError) {
    let waiting = PostgresWaitState(graceSeconds: options.graceSeconds, isStopped: isAbandoned)
    health = DatabaseHealth(waiting)
    store = try PostgresStore(options: options, resource: resource, log: log, waiting: waiting)
    retrySeconds = options.retrySeconds
    policy = RetryPolicy(seconds: options.retrySeconds)
    self.log = log
    self.isStopped = isStopped
  }

  /// Runs `body`, and again with back-off while the database is unavailable or two transactions conflict, for `--retry-seconds`.
  ///
  /// - Throws: what `body` throws that is not worth another attempt, or the last error; `SinkError.stopped` after a signal.
  func run<T>(_ body: (PostgresStore) throws -> T) throws -> T {
    while true {
      let start = ContinuousClock.now
      do {
        store.connectSeconds = policy.remaining() / .seconds(1)
        let value = try body(store)
        // If writing fails, a successful read does not count as recovery.
        if !isWriteFailing { recordSuccess() }
        return value
      } catch let error as PostgresError where error.kind == .cancelled {
        throw SinkError.stopped
      } catch let error as PostgresError where error.isRetriable {
        store.rollback()
        if error.kind == .unavailable { store.close() }
        if error.sqlstate == SQLState.lockNotAvailable { store.endStuckSessions() }
        // Only time without a connection counts as an outage; a statement may have been running before.
        try recordFailure(error, began: max(start, .now - .seconds(10)))
      }
    }
  }

  /// A batch broke the session. Waits before the next attempt.
  ///
  /// - Throws: the error, once attempts have failed for `--retry-seconds` since the last success.
  func pauseAfterWriteFailure(_ error: PostgresError, hadOffsets: Bool) throws {
    isWriteFailing = isWriteFailing || hadOffsets
    try recordFailure(error)
  }

  /// A batch was committed.
  func recordWriteSuccess() {
    isWriteFailing = false
    recordSuccess()
  }

  private func recordFailure(_ error: PostgresError, began: ContinuousClock.Instant? = nil) throws {
    retries += 1
    health.fail("\(error)")
    switch policy.failed(began: began) {
    case .giveUp: throw error
    case .retry(let delay, let isFirst):
      if isFirst {
        log(.warning, "Postgres: \(error); trying for \(retrySeconds) s")
        onFailure()
      }
      if !sleep(delay, unless: isStopped) { throw SinkError.stopped }
    }
  }

  private func recordSuccess() {
    health.recover()
    guard let duration = policy.succeeded() else { return }
    log(.info, "Postgres answers again after \(duration.components.seconds) s")
  }
}

/// Sleeps for a time, or until a stop is requested.
///
/// - Returns: false if a stop is requested.
@discardableResult
func sleep(_ duration: Duration, unless isStopped: () -> Bool) -> Bool {
  let end = ContinuousClock.now + duration
  while !isStopped() {
    let left = end - ContinuousClock.now
    guard left > .zero else { return true }
    usleep(UInt32(min(left, .milliseconds(50)) / .microseconds(1)))
  }
  return false
}

/// The current failure of the database, for `/healthz`. May be read from any thread.
final class DatabaseHealth: Sendable {
  /// A pending response is reported as a failure after this time. Together with `probeInterval` an outage shows within 15 s.
  private static let maxSilence = Duration.seconds(10)
  /// How often an idle follower checks that the server responds.
  static let probeInterval = Duration.seconds(3)

  private let waiting: PostgresWaitState
  private let failure = Mutex<String?>(nil)

  init(_ waiting: PostgresWaitState) { self.waiting = waiting }

  func fail(_ reason: String) { failure.withLock { $0 = reason } }
  func recover() { failure.withLock { $0 = nil } }

  var failureReason: String? {
    if let reason = failure.withLock({ $0 }) { return "Postgres: \(reason)" }
    guard let silence = waiting.pendingDuration, silence >= Self.maxSilence else { return nil }
    return "Postgres has not responded for \(silence.components.seconds) s"
  }
}

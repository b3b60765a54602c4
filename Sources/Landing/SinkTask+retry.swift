import Glibc
import Kafka
import Postgres
import Synchronization

extension SinkTask {
  /// Seconds that Postgres has to respond after a signal: the batch in flight finishes, or its session is abandoned.
  static let graceSeconds = 4.0

  /// Retries with back-off while the database is unavailable or two transactions conflict, for `--retry-seconds`.
  func withDatabase<T>(_ body: () throws -> T) throws -> T {
    while true {
      let start = ContinuousClock.now
      do {
        store.connectSeconds = databaseRetry.left() / .seconds(1)
        let value = try body()
        // If writing fails, a successful read does not count as recovery.
        if !isWriteFailing { recordDatabaseSuccess() }
        return value
      } catch let error as PostgresError where error.kind == .cancelled {
        throw SinkError.stopped
      } catch let error as PostgresError where error.isRetriable {
        store.rollback()
        if error.kind == .unavailable { store.close() }
        if error.sqlstate == "55P03" { store.endStuckSessions() }
        // Only time without a connection counts as an outage; a statement may have been running before.
        try handleDatabaseFailure(error, began: max(start, .now - .seconds(10)))
      }
    }
  }

  /// Records a failure and waits before the next attempt.
  ///
  /// - Throws: the error, once attempts have failed for `--retry-seconds` since the last success.
  func handleDatabaseFailure(_ error: PostgresError, began: ContinuousClock.Instant? = nil) throws {
    databaseRetries += 1
    health.fail("\(error)")
    switch databaseRetry.failed(began: began) {
    case .giveUp: throw error
    case .again(let delay, let isFirst):
      if isFirst {
        log(.warning, "Postgres: \(error); trying for \(options.retrySeconds) s")
        report(progress)
      }
      try pause(delay)
    }
  }

  func recordDatabaseSuccess() {
    isWriteFailing = false
    health.recover()
    guard let duration = databaseRetry.succeeded() else { return }
    log(.info, "Postgres answers again after \(duration.components.seconds) s")
  }

  /// Sleeps; throws `SinkError.stopped` as soon as a signal comes.
  func pause(_ duration: Duration) throws {
    if !sleep(duration, unless: isStopped) { throw SinkError.stopped }
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

  private let waiting: PostgresWaitPolicy
  private let failure = Mutex<String?>(nil)

  init(_ waiting: PostgresWaitPolicy) { self.waiting = waiting }

  func fail(_ reason: String) { failure.withLock { $0 = reason } }
  func recover() { failure.withLock { $0 = nil } }

  var failureReason: String? {
    if let reason = failure.withLock({ $0 }) { return "Postgres: \(reason)" }
    guard let silence = waiting.silence, silence >= Self.maxSilence else { return nil }
    return "Postgres has not responded for \(silence.components.seconds) s"
  }
}

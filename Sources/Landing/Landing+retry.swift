import Glibc
import Kafka
import Postgres

extension Landing {
  /// Tries again, with growing pauses, while the database is away or two transactions meet; for `--retry-seconds`.
  func withDatabase<T>(_ body: () throws -> T) throws -> T {
    var since: ContinuousClock.Instant?
    var delay = Duration.milliseconds(50)
    while true {
      do {
        let value = try body()
        if let since {
          progress.isDatabaseAway = false
          log(.info, "Postgres answers again after \((ContinuousClock.now - since).components.seconds) s")
        }
        return value
      } catch let error as PostgresError where error.isRetriable {
        store.rollback()
        if error.kind == .away { store.close() }
        databaseRetries += 1
        if since == nil {
          since = .now
          progress.isDatabaseAway = true
          report(progress)
          log(.warning, "Postgres: \(error); trying for \(options.retrySeconds) s")
        }
        if let since, ContinuousClock.now - since >= .seconds(options.retrySeconds) { throw error }
        try pause(delay)
        delay = min(delay * 2, .seconds(2))
      }
    }
  }

  /// Sleeps, less long if a signal comes.
  func pause(_ duration: Duration) throws {
    let end = ContinuousClock.now + duration
    while true {
      if isStopped() { throw LandingError.stopped }
      let left = end - ContinuousClock.now
      guard left > .zero else { return }
      usleep(UInt32(min(left, .milliseconds(50)) / .microseconds(1)))
    }
  }
}

import Console
import Postgres

extension Signals {
  /// Waits for Postgres end once a signal came.
  public static let waiting = PostgresWaitPolicy { received != nil }
}

/// Which Postgres, and how long to wait for it.
public struct DatabaseAccess: ParsableArguments {
  @OptionGroup public var database: DatabaseOptions

  @Option(
    help: "How long the database may be away at the start before it counts as unreachable.", environment: "NETFLIX_RETRY_SECONDS",
    in: 1...86_400)
  public var retrySeconds = 90

  public init() {}

  /// Opens a session; a server that does not answer yet is asked again.
  ///
  /// - Throws: `PostgresError`; ``Failure`` 130 or 143 where a signal came meanwhile.
  public func open(applicationName: String, log: Log) throws -> PostgresConnection {
    let start = ContinuousClock.now
    var policy = RetryPolicy(seconds: retrySeconds, firstPause: .milliseconds(100))
    while true {
      do throws(PostgresError) {
        let left = policy.left() / .seconds(1)
        return try PostgresConnection.open(
          database.address, applicationName: applicationName, seconds: min(10, max(1, left)), waiting: Signals.waiting)
      } catch {
        try Signals.check()
        guard error.kind == .unavailable, case .again(let pause, let isFirst) = policy.failed(began: start) else { throw error }
        if isFirst { log.warning("Postgres: \(error); trying for \(retrySeconds) s") }
        Signals.wait(pause)
      }
      try Signals.check()
    }
  }
}

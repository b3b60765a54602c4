import Console
import Postgres

extension Signals {
  /// A policy that ends waits for Postgres once a signal was received.
  public static let waiting = PostgresWaitPolicy { received != nil }
}

/// Options for the Postgres database and the retry time.
public struct DatabaseAccess: ParsableArguments {
  /// The options for the database.
  @OptionGroup public var database: DatabaseOptions

  /// `--retry-seconds`
  @Option(
    help: "Seconds to retry an unavailable database at the start before the run fails.", environment: "NETFLIX_RETRY_SECONDS",
    in: 1...86_400)
  public var retrySeconds = 90

  /// The default values.
  public init() {}

  /// Opens a session, and retries while the server is not available.
  ///
  /// - Throws: `PostgresError`; ``CommandError`` 130 or 143 if a signal was received.
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

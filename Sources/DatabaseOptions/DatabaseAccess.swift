import Console
import Postgres

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
    let deadline = ContinuousClock.now + .seconds(retrySeconds)
    var pause = Duration.milliseconds(100)
    var isTold = false
    while true {
      do throws(PostgresError) {
        let left = (deadline - .now) / .seconds(1)
        return try PostgresConnection.open(database.address, applicationName: applicationName, seconds: min(10, max(1, left)))
      } catch {
        guard error.kind == .away, ContinuousClock.now < deadline else { throw error }
        if !isTold { log.warning("Postgres: \(error); trying for \(retrySeconds) s") }
        isTold = true
      }
      Signals.wait(min(pause, deadline - .now))
      try Signals.check()
      pause = min(pause * 2, .seconds(2))
    }
  }
}

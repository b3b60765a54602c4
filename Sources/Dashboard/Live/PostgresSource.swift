import Dataset
import Glibc
import Postgres
import SystemIO
import Warehouse

/// The rows that netflix-consumer lands. Each time the consumer notifies of new rows, they are unpivoted by the same SQL as in `netflix etl`.
///
/// If notifications do not arrive, the table is polled instead. That is the case on a replica, and behind a pooler that gives a client another
/// server connection for each transaction (PgBouncer's transaction mode: LISTEN stays on the connection that ran it).
final class PostgresSource: DataSource {
  private let connection: PostgresConnection
  private let table: String
  private let resource: Resource
  private let isNotified: Bool
  private var lastQuestion = ContinuousClock.now
  /// When the table is read again, if it is polled.
  private var due = ContinuousClock.now

  /// `/healthz` reports a server that has not responded for longer; with the time between two probes the total is below 15 s.
  static let longestSilence = Duration.seconds(10)
  private static let probeInterval = Duration.seconds(3)
  /// Seconds between two reads when polling. Reading also takes at most a tenth of the time.
  static let pollSeconds = 2

  /// `address` is a libpq connection string; nil: libpq's environment variables apply.
  init(_ address: String?, table: String, resource: Resource, waiting: PostgresWaitState) throws(PostgresError) {
    connection = try PostgresConnection.open(address, applicationName: "netflix dashboard", waitState: waiting)
    self.table = table
    self.resource = resource
    isNotified = try Self.isNotified(connection, address, waiting)
    // LISTEN before the first read, so that rows that land in between are not missed.
    if isNotified { try connection.listen(Self.channel(of: table)) }
  }

  /// Whether the session receives another session's notifications. This is tested, because nothing else distinguishes a pooler from a server.
  private static func isNotified(
    _ connection: PostgresConnection, _ address: String?, _ waiting: PostgresWaitState
  ) throws(PostgresError) -> Bool {
    let channel = "netflix_dashboard_\(getpid())_\(UInt32.random(in: 0...UInt32.max))"
    do {
      try connection.listen(channel)
    } catch  where connection.isUsable {
      return false  // a replica has no LISTEN
    }
    // Without a second session it cannot be tested; polling always works.
    guard let other = try? PostgresConnection.open(address, applicationName: "netflix dashboard", waitState: waiting) else { return false }
    defer { other.close() }
    guard (try? other.execute("NOTIFY \(channel)")) != nil else { return false }
    let deadline = ContinuousClock.now + .seconds(2)
    while ContinuousClock.now < deadline {
      if try connection.waitForNotifications(timeout: .milliseconds(500)).contains(where: { $0.channel == channel }) {
        try connection.execute("UNLISTEN \(channel)")
        return true
      }
    }
    return false
  }

  /// The consumer's notification channel: the table's name without its schema.
  static func channel(of table: String) -> String {
    table.split(separator: ".").last.map(String.init) ?? table
  }

  var store: SourceInfo { SourceInfo(kind: .postgres, place: "\(connection.endpoint) \(table)") }

  var notice: String? {
    isNotified
      ? nil
      : "notifications do not reach this session, as behind PgBouncer in transaction mode or on a replica: the rows are read every \(Self.pollSeconds) s instead"
  }

  func read() throws -> LoadedData {
    let start = ContinuousClock.now
    defer { due = .now + max(.seconds(Self.pollSeconds), (ContinuousClock.now - start) * 10) }
    let rows: Snapshot
    do {
      rows = try Snapshot(landedIn: connection, table: table, resource: resource)
    } catch let error as WarehouseError where error.kind == .missing {
      // Nothing has landed yet. The consumer creates the table and then sends a notification.
      let provenance = Provenance(kind: .landed, location: store.place, rows: 0)
      let none = try SnapshotBuilder(resource).finish(provenance: provenance)
      return LoadedData(rows: none, quality: QualityReport(resource: resource, snapshot: none, provenance: provenance))
    }
    let found = try RawTableChecks.read(connection, table: table, resource: resource)
    return LoadedData(rows: rows, quality: QualityReport(resource: resource, snapshot: rows, rows: found, provenance: rows.provenance))
  }

  func waitForChange(_ stop: WakeupPipe) throws -> Bool {
    if ContinuousClock.now - lastQuestion >= Self.probeInterval {
      try connection.execute("SELECT 1")
      lastQuestion = .now
    }
    if isNotified { return !(try connection.waitForNotifications(timeout: .seconds(1), wake: stop.descriptor)).isEmpty }
    let left = min(.seconds(1), due - .now)
    if left > .zero { stop.wait(left) }
    return ContinuousClock.now >= due
  }

  func close() { connection.close() }
}

import Dataset
import Glibc
import Postgres
import Warehouse

/// The rows that netflix-consumer lands, unpivoted again by the same SQL as `netflix etl` whenever it says that there are new ones.
///
/// Where notifications do not arrive, as behind a pooler that gives a client another server connection for each transaction (PgBouncer's
/// transaction mode: LISTEN stays on the one that ran it), and on a replica, the table is read from time to time instead.
final class PostgresSource: DataSource {
  private let connection: PostgresConnection
  private let table: String
  private let resource: Resource
  private let isNotified: Bool
  private var lastQuestion = ContinuousClock.now
  /// When it is read again, where nothing notifies.
  private var due = ContinuousClock.now

  /// A server that owes a response for longer is reported by `/healthz`; with the time between two questions it is below 15 s.
  static let longestSilence = Duration.seconds(10)
  private static let probeInterval = Duration.seconds(3)
  /// Between two reads, where nothing notifies; and a read takes at most a tenth of the time.
  static let pollSeconds = 2

  /// `address` as libpq takes it; nil leaves it to libpq's variables.
  init(_ address: String?, table: String, resource: Resource, waiting: PostgresWaitPolicy) throws(PostgresError) {
    connection = try PostgresConnection.open(address, applicationName: "netflix dashboard", waiting: waiting)
    self.table = table
    self.resource = resource
    isNotified = try Self.isNotified(connection, address, waiting)
    // Before the first read: what lands in between is news, not lost.
    if isNotified { try connection.listen(Self.channel(of: table)) }
  }

  /// Whether the session hears what another one notifies: tried, since nothing else distinguishes a pooler from a server.
  private static func isNotified(
    _ connection: PostgresConnection, _ address: String?, _ waiting: PostgresWaitPolicy
  ) throws(PostgresError) -> Bool {
    let channel = "netflix_dashboard_\(getpid())_\(UInt32.random(in: 0...UInt32.max))"
    do {
      try connection.listen(channel)
    } catch  where connection.isUsable {
      return false  // a replica has no LISTEN
    }
    // Without room for a second session nothing is known: polling is always right.
    guard let other = try? PostgresConnection.open(address, applicationName: "netflix dashboard", waiting: waiting) else { return false }
    defer { other.close() }
    guard (try? other.execute("NOTIFY \(channel)")) != nil else { return false }
    let deadline = ContinuousClock.now + .seconds(2)
    while ContinuousClock.now < deadline {
      if try connection.waitForNotifications(seconds: 0.5).contains(where: { $0.channel == channel }) {
        try connection.execute("UNLISTEN \(channel)")
        return true
      }
    }
    return false
  }

  /// The consumer notifies by the table's name, without its schema.
  static func channel(of table: String) -> String {
    table.split(separator: ".").last.map(String.init) ?? table
  }

  var store: SourceInfo { SourceInfo(kind: .postgres, place: "\(connection.place) \(table)") }

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
      // Nothing has landed yet. The consumer makes the table, and then it notifies.
      let origin = Provenance(kind: .landed, place: store.place, rows: 0)
      let none = try SnapshotBuilder(resource).finish(origin: origin)
      return LoadedData(rows: none, quality: QualityReport(resource: resource, snapshot: none, origin: origin))
    }
    let found = try RawTableChecks.read(connection, table: table, resource: resource)
    return LoadedData(rows: rows, quality: QualityReport(resource: resource, snapshot: rows, rows: found, origin: rows.provenance))
  }

  func waitForChange(_ stop: WakeupPipe) throws -> Bool {
    if ContinuousClock.now - lastQuestion >= Self.probeInterval {
      try connection.execute("SELECT 1")
      lastQuestion = .now
    }
    if isNotified { return !(try connection.waitForNotifications(seconds: 1, wake: stop.descriptor)).isEmpty }
    let left = min(.seconds(1), due - .now)
    if left > .zero { stop.wait(seconds: left / .seconds(1)) }
    return ContinuousClock.now >= due
  }

  func close() { connection.close() }
}

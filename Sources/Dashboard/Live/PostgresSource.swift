import Dataset
import Postgres
import Warehouse

/// The rows that netflix-consumer lands, unpivoted anew by the same SQL as `netflix etl` whenever it says that there are new ones.
final class PostgresSource: EditionSource {
  private let connection: PostgresConnection
  private let table: String
  private let resource: Resource
  private var lastQuestion = ContinuousClock.now

  /// A server that owes a response for longer is reported by `/healthz`; with the time between two questions it is below 15 s.
  static let longestSilence = Duration.seconds(10)
  private static let probeInterval = Duration.seconds(3)

  /// `address` as libpq takes it; nil leaves it to libpq's variables.
  init(_ address: String?, table: String, resource: Resource, waiting: PostgresWaiting) throws(PostgresError) {
    connection = try PostgresConnection.open(address, applicationName: "netflix dashboard", waiting: waiting)
    self.table = table
    self.resource = resource
    // Before the first read: what lands in between is news, not lost.
    try connection.listen(Self.channel(of: table))
  }

  /// The consumer notifies by the table's name, without its schema.
  static func channel(of table: String) -> String {
    table.split(separator: ".").last.map(String.init) ?? table
  }

  var store: Store { Store(kind: .postgres, place: "\(connection.place) \(table)") }

  func read() throws -> Reading {
    let rows: Snapshot
    do {
      rows = try Snapshot(landedIn: connection, table: table, resource: resource)
    } catch let error as WarehouseError where error.kind == .missing {
      // Nothing has landed yet. The consumer makes the table, and then it notifies.
      let origin = Origin(kind: .landed, place: store.place, rows: 0)
      let none = try SnapshotBuilder(resource).finish(origin: origin)
      return Reading(rows: none, quality: QualityReport(resource: resource, snapshot: none, origin: origin))
    }
    let found = try LandedChecks.read(connection, table: table, resource: resource)
    return Reading(rows: rows, quality: QualityReport(resource: resource, snapshot: rows, rows: found, origin: rows.origin))
  }

  func waitForChange(_ stop: StopSignal) throws -> Bool {
    if ContinuousClock.now - lastQuestion >= Self.probeInterval {
      try connection.execute("SELECT 1")
      lastQuestion = .now
    }
    return !(try connection.waitForNotifications(seconds: 1, wake: stop.descriptor)).isEmpty
  }

  func close() { connection.close() }
}

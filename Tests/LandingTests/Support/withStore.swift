import Dataset
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Landing

/// Runs a test with a store whose tables have been created, and a second session.
///
/// - Parameter settings: settings of the store's session, in the format of the server's command line.
func withStore(settings: String = "", _ body: (PostgresStore, PostgresConnection) throws -> Void) throws {
  try withDatabase { url in
    var options = Sample.options()
    let words = settings.replacing(" ", with: "%20").replacing("=", with: "%3D")
    options.database = "\(url)\(url.contains("?") ? "&" : "?")options=\(words)"
    let store = try PostgresStore(options: options, resource: Sample.keyed, log: .silent)
    defer { store.close() }
    try store.ensureSchema()
    let other = try PostgresConnection.open(url, applicationName: "tests")
    defer { other.close() }
    try body(store, other)
  }
}

extension Batch {
  /// A batch with one row that advances the offset of partition 0.
  static func sample(_ expected: Int64?, _ next: Int64) -> Batch {
    let batch = Batch()
    batch.offsetCommits = [
      OffsetCommit(partition: 0, expected: expected, next: next, last: OffsetCommit.LastRecord(offset: next - 1, timestamp: 1))
    ]
    let encoder = RowEncoder(types: [.bigint, .text, .numeric], topic: "sample", isDeletable: false)
    _ = encoder.append(.init(cells: [.init(.integer, payload: next), .null, .null]), partition: 0, offset: next - 1, to: batch.rows)
    batch.counts.received = 1
    batch.counts.landed = 1
    return batch
  }
}

extension PostgresConnection {
  /// Whether another session of this database waits for a lock.
  func isLockWaitedFor() throws -> Bool {
    // A transaction sees one snapshot of the sessions, unless it clears it.
    try query("SELECT pg_stat_clear_snapshot()")
    return try query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").firstValue
      != "0"
  }
}

/// Runs `body` on a separate thread while `other` has an open transaction: it must wait for a lock, and finish once that transaction
/// commits.
func expectToWait(for other: PostgresConnection, _ body: @escaping @Sendable () throws -> Void) throws {
  let failures = Lines()
  let ended = DispatchSemaphore(value: 0)
  Thread.detachNewThread {
    do { try body() } catch { failures.log(.error, "\(error)") }
    ended.signal()
  }
  // It either waits, as expected, or has finished already.
  var isThrough = false
  try wait(until: "it waits for the transaction") {
    isThrough = ended.wait(timeout: .now()) == .success
    return try isThrough || other.isLockWaitedFor()
  }
  #expect(!isThrough)
  try other.execute("COMMIT")
  if !isThrough { ended.wait() }
  #expect(failures.all == [])
}

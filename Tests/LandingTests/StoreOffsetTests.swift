import Kafka
import Postgres
import TestSupport
import Testing

@testable import Landing

/// DELIVERY, Landing 2, 7 and 15, against a server alone.
@Suite struct StoreOffsetTests {
  private func withStore(_ body: (Store, PostgresConnection) throws -> Void) throws {
    try withDatabase { url in
      var options = Sample.options()
      options.database = url
      let store = try Store(options: options, resource: Sample.keyed, log: .silent)
      defer { store.close() }
      try store.prepare()
      let other = try PostgresConnection.open(url, applicationName: "tests")
      defer { other.close() }
      try body(store, other)
    }
  }

  private func batch(_ expected: Int64?, _ next: Int64) -> Batch {
    let batch = Batch()
    batch.moves = [Move(partition: 0, expected: expected, next: next, last: Move.Last(offset: next - 1, timestamp: 1))]
    let encoder = RowEncoder(types: [.bigint, .text, .numeric], topic: "sample", isDeletable: false)
    _ = encoder.append(.init(cells: [.init(.integer, payload: next), .null, .null]), partition: 0, offset: next - 1, to: batch.rows)
    batch.counts.received = 1
    batch.counts.landed = 1
    return batch
  }

  @Test func `an offset moves from NULL, then from where it is, and never from elsewhere`() throws {
    try withStore { store, other throws in
      #expect(try store.offsets([1, 0]).map(\.partition) == [0, 1])
      #expect(try store.write(batch(nil, 5)))
      #expect(try !store.write(batch(nil, 6)))
      #expect(try !store.write(batch(4, 6)))
      #expect(try store.write(batch(5, 6)))
      #expect(try other.query("SELECT id FROM sample ORDER BY id").map { $0 } == [["5"], ["6"]])
      #expect(try store.offsets([0]).first == StoredOffset(partition: 0, next: 6, cluster: nil, last: Move.Last(offset: 5, timestamp: 1)))
    }
  }

  @Test func `a row of offsets that is gone moves nothing`() throws {
    try withStore { store, other throws in
      #expect(try !store.write(batch(nil, 5)))
      #expect(try other.query("SELECT id FROM sample").isEmpty)
    }
  }

  @Test func `a reset waits for the transaction that moved an offset, and takes its rows with it`() throws {
    try withStore { store, other throws in
      _ = try store.offsets([0])
      try other.execute("BEGIN; UPDATE netflix_offsets SET next_offset = 9; INSERT INTO sample VALUES (1, '', 1, 't', 0, 0)")
      let error = #expect(throws: PostgresError.self) { try store.reset(wholeTable: true, deletingRows: true) }
      #expect(error?.kind == .retryTransaction)
      try other.execute("COMMIT")
      try store.reset(wholeTable: true, deletingRows: true)
      #expect(try other.query("SELECT next_offset FROM netflix_offsets").map { $0 } == [[nil]])
      #expect(try other.query("SELECT id FROM sample").isEmpty)
    }
  }

  @Test func `what the server refuses is told by its kind`() throws {
    try withStore { store, other throws in
      _ = try store.offsets([0])
      try other.execute("ALTER TABLE sample ADD CHECK (id < 5)")
      let error = #expect(throws: PostgresError.self) { try store.write(batch(nil, 5)) }
      #expect(error?.kind == .data)
      store.rollback()
      try other.execute("DROP TABLE sample")
      let gone = #expect(throws: PostgresError.self) { try store.write(batch(nil, 5)) }
      #expect(gone?.kind == .schema)
    }
  }

  @Test func `a lock held by another session is waited for by the writer, not given up`() throws {
    try withStore { store, other throws in
      _ = try store.offsets([0])
      let writer = try Writer(store: store, retrySeconds: 60, isStopped: { false })
      defer { writer.close() }
      try other.execute("BEGIN; SELECT * FROM netflix_offsets FOR UPDATE")
      writer.start(batch(nil, 5))
      // lock_timeout is 5 s: past it the first try has failed.
      var waited = 0
      while writer.wait(milliseconds: 500) == nil, waited < 13 { waited += 1 }
      #expect(waited == 13)
      try other.execute("ROLLBACK")
      var outcome: Outcome?
      while outcome == nil { outcome = writer.wait(milliseconds: 500) }
      guard case .landed = outcome else {
        Issue.record("\(String(describing: outcome))")
        return
      }
      #expect(writer.retries > 0)
    }
  }
}

import Kafka
import Postgres
import TestSupport
import Testing

@testable import Landing

/// DELIVERY, Landing 2 and 15, against a server alone.
@Suite struct StoreOffsetTests {
  @Test func `an offset moves from NULL, then from where it is, and never from elsewhere`() throws {
    try withStore { store, other throws in
      #expect(try store.offsets([1, 0]).map(\.partition) == [0, 1])
      #expect(try store.write(Batch.sample(nil, 5)))
      #expect(try !store.write(Batch.sample(nil, 6)))
      #expect(try !store.write(Batch.sample(4, 6)))
      #expect(try store.write(Batch.sample(5, 6)))
      #expect(try other.query("SELECT id FROM sample ORDER BY id").map { $0 } == [["5"], ["6"]])
      #expect(try store.offsets([0]).first == StoredOffset(partition: 0, next: 6, cluster: nil, last: Move.Last(offset: 5, timestamp: 1)))
    }
  }

  @Test func `an offset whose UPDATE is suppressed is 78, not another run's`() throws {
    try withStore { store, other throws in
      _ = try store.offsets([0])
      try other.execute(
        """
        CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER keep BEFORE UPDATE ON netflix_offsets FOR EACH ROW EXECUTE FUNCTION keep()
        """)
      let error = #expect(throws: LandingError.self) { try store.write(Batch.sample(nil, 5)) }
      #expect(error?.kind == .configuration)
    }
  }

  /// DELIVERY, Landing 2: offsets first.
  @Test func `that an offset was moved by another is found out before a row is touched`() throws {
    try withStore { store, other throws in
      _ = try store.offsets([0])
      try other.execute("ALTER TABLE sample ADD CHECK (false)")
      #expect(try !store.write(Batch.sample(7, 9)))
    }
  }

  /// DELIVERY, Landing 2: else two that share partitions could wait for each other.
  @Test func `offsets are locked in the order of partitions, whatever the order of their rows`() throws {
    try withStore(settings: "-c enable_indexscan=off -c enable_bitmapscan=off") { store, other throws in
      // In the table the row of partition 1 comes first.
      _ = try store.offsets([1])
      _ = try store.offsets([0])
      try other.execute("BEGIN; SELECT 1 FROM netflix_offsets WHERE partition = 0 FOR UPDATE")
      let writer = try Writer(store: store, retrySeconds: 60, isStopped: { false })
      defer { writer.close() }
      let batch = Batch.sample(nil, 5)
      batch.moves = [1, 0].map { Move(partition: $0, expected: nil, next: 5, last: nil) }
      writer.start(batch)
      try wait(until: "it waits for partition 0") { try other.isLockWaitedFor() }
      #expect(try other.query("SELECT 1 FROM netflix_offsets WHERE partition = 1 FOR UPDATE SKIP LOCKED").count == 1)
      try other.execute("ROLLBACK")
      var outcome: Outcome?
      while outcome == nil { outcome = writer.wait(milliseconds: 500) }
      #expect(try other.query("SELECT DISTINCT next_offset FROM netflix_offsets").map { $0 } == [["5"]])
    }
  }

  /// DELIVERY, «What cannot be a row» 12.
  @Test func `a message set aside stands or falls with the rows and the offset`() throws {
    try withStore { store, other throws in
      _ = try store.offsets([0])
      try other.execute("ALTER TABLE netflix_rejected ADD CHECK (false)")
      let batch = Batch.sample(nil, 5)
      store.rejectEncoder.append(partition: 0, offset: 3, key: nil, payload: nil, reason: "no", to: batch.rejects)
      #expect(throws: PostgresError.self) { try store.write(batch) }
      store.rollback()
      #expect(try other.query("SELECT id FROM sample").isEmpty)
      #expect(try other.query("SELECT next_offset FROM netflix_offsets").map { $0 } == [[nil]])
    }
  }

  /// DELIVERY, Landing 13 and 15: the batch again, and not what became of it the first time.
  @Test func `a batch that comes again after a lock was held for too long is set aside and counted once`() throws {
    try withStore { store, other throws in
      _ = try store.offsets([0])
      try other.execute("ALTER TABLE sample ADD CHECK (id <> 5)")
      try other.execute("BEGIN; LOCK netflix_rejected")
      let batch = Batch.sample(nil, 5)
      batch.isCareful = true
      batch.keep(partition: 0, offset: 4, isTombstone: false, row: batch.rows.rows, key: nil, payload: nil)
      let error = #expect(throws: PostgresError.self) { try store.write(batch) }
      #expect(error?.kind == .retryTransaction)
      store.rollback()
      try other.execute("ROLLBACK")
      #expect(try store.write(batch))
      #expect(batch.counts.landed == 0 && batch.counts.rejected == 1)
      #expect(try other.query("SELECT message_offset FROM netflix_rejected").map { $0 } == [["4"]])
    }
  }

  @Test func `a row of offsets that is gone moves nothing`() throws {
    try withStore { store, other throws in
      #expect(try !store.write(Batch.sample(nil, 5)))
      #expect(try other.query("SELECT id FROM sample").isEmpty)
    }
  }

  @Test func `what the server refuses is told by its kind`() throws {
    try withStore { store, other throws in
      _ = try store.offsets([0])
      try other.execute("ALTER TABLE sample ADD CHECK (id < 5)")
      let error = #expect(throws: Refusal.self) { try store.write(Batch.sample(nil, 5)) }
      #expect(error?.error.kind == .data)
      store.rollback()
      try other.execute("DROP TABLE sample")
      let gone = #expect(throws: Refusal.self) { try store.write(Batch.sample(nil, 5)) }
      #expect(gone?.error.kind == .schema)
    }
  }

  @Test func `a lock that is held for longer than --retry-seconds is given up`() throws {
    try withStore { store, other throws in
      _ = try store.offsets([0])
      let writer = try Writer(store: store, retrySeconds: 1, isStopped: { false })
      defer { writer.close() }
      try other.execute("BEGIN; SELECT * FROM netflix_offsets FOR UPDATE")
      writer.start(Batch.sample(nil, 5))
      var outcome: Outcome?
      try wait(until: "it gives up", seconds: 30) {
        outcome = writer.wait(milliseconds: 100)
        return outcome != nil
      }
      guard case .failed(let error as PostgresError) = outcome, error.kind == .retryTransaction else {
        Issue.record("\(String(describing: outcome))")
        return
      }
    }
  }

  @Test func `a lock held by another session is waited for by the writer, not given up`() throws {
    try withStore { store, other throws in
      _ = try store.offsets([0])
      let writer = try Writer(store: store, retrySeconds: 60, isStopped: { false })
      defer { writer.close() }
      try other.execute("BEGIN; SELECT * FROM netflix_offsets FOR UPDATE")
      writer.start(Batch.sample(nil, 5))
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

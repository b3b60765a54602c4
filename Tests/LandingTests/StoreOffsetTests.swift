import Kafka
import Postgres
import TestSupport
import Testing

@testable import Landing

/// docs/delivery.md, points 2 and 15, without a broker.
@Suite struct StoreOffsetTests {
  @Test func `an offset advances from NULL, then from its stored value, and never from another value`() throws {
    try withStore { store, other throws in
      #expect(try store.loadOffsets(creatingMissing: [1, 0]).map(\.partition) == [0, 1])
      #expect(try store.land(Batch.sample(nil, 5)))
      #expect(try !store.land(Batch.sample(nil, 6)))
      #expect(try !store.land(Batch.sample(4, 6)))
      #expect(try store.land(Batch.sample(5, 6)))
      #expect(try other.query("SELECT id FROM sample ORDER BY id").map { $0 } == [["5"], ["6"]])
      #expect(
        try store.loadOffsets(creatingMissing: [0]).first
          == StoredOffset(partition: 0, next: 6, cluster: nil, last: OffsetCommit.LastRecord(offset: 5, timestamp: 1)))
    }
  }

  /// docs/delivery.md, point 2: offsets first.
  @Test func `an offset that another run advanced is detected before a row is written`() throws {
    try withStore { store, other throws in
      _ = try store.loadOffsets(creatingMissing: [0])
      try other.execute("ALTER TABLE sample ADD CHECK (false)")
      #expect(try !store.land(Batch.sample(7, 9)))
    }
  }

  /// docs/delivery.md, point 2: otherwise two runs that share partitions could deadlock.
  @Test func `offsets are locked in partition order, regardless of the order of their rows`() throws {
    try withStore(settings: "-c enable_indexscan=off -c enable_bitmapscan=off") { store, other throws in
      // In the table the row of partition 1 comes first.
      _ = try store.loadOffsets(creatingMissing: [1])
      _ = try store.loadOffsets(creatingMissing: [0])
      try other.execute("BEGIN; SELECT 1 FROM netflix_offsets WHERE kafka_partition = 0 FOR UPDATE")
      let writer = try BatchWriter(store: store, retrySeconds: 60, isStopped: { false })
      defer { writer.close() }
      let batch = Batch.sample(nil, 5)
      batch.offsetCommits = [1, 0].map { OffsetCommit(partition: $0, expected: nil, next: 5, last: nil) }
      writer.start(batch)
      try wait(until: "it waits for partition 0") { try other.isLockWaitedFor() }
      #expect(try other.query("SELECT 1 FROM netflix_offsets WHERE kafka_partition = 1 FOR UPDATE SKIP LOCKED").count == 1)
      try other.execute("ROLLBACK")
      var outcome: WriteResult?
      while outcome == nil { outcome = writer.wait(timeout: .milliseconds(500)) }
      #expect(try other.query("SELECT DISTINCT next_offset FROM netflix_offsets").map { $0 } == [["5"]])
    }
  }

  /// docs/delivery.md, point 12.
  @Test func `a rejected record commits or rolls back together with the rows and the offset`() throws {
    try withStore { store, other throws in
      _ = try store.loadOffsets(creatingMissing: [0])
      try other.execute("ALTER TABLE netflix_rejected ADD CHECK (false)")
      let batch = Batch.sample(nil, 5)
      store.rejectEncoder.append(partition: 0, offset: 3, key: nil, payload: nil, reason: "no", to: batch.rejects)
      batch.counts.rejected = 1
      let error = #expect(throws: SinkError.self) { try store.land(batch) }
      #expect(
        error?.kind == .configuration && error?.message.contains("netflix_rejected does not take what the consumer writes") == true,
        "\(String(describing: error))")
      store.rollback()
      #expect(try other.query("SELECT id FROM sample").isEmpty)
      #expect(try other.query("SELECT next_offset FROM netflix_offsets").map { $0 } == [[nil]])
    }
  }

  /// docs/delivery.md, points 13 and 15: the retried batch must not contain the results of the first attempt.
  @Test func `the rejects of a batch that is retried after a lock timeout are stored and counted once`() throws {
    try withStore { store, other throws in
      _ = try store.loadOffsets(creatingMissing: [0])
      try other.execute("ALTER TABLE sample ADD CHECK (id <> 5)")
      try other.execute("BEGIN; LOCK netflix_rejected")
      let batch = Batch.sample(nil, 5)
      batch.isIsolating = true
      batch.retain(partition: 0, offset: 4, isTombstone: false, row: batch.rows.rows, key: nil, payload: nil)
      let error = #expect(throws: PostgresError.self) { try store.land(batch) }
      #expect(error?.kind == .transient)
      store.rollback()
      try other.execute("ROLLBACK")
      #expect(try store.land(batch))
      #expect(batch.counts.landed == 0 && batch.counts.rejected == 1)
      #expect(try other.query("SELECT kafka_offset FROM netflix_rejected").map { $0 } == [["4"]])
    }
  }

  @Test func `nothing is committed if the row of netflix_offsets is missing`() throws {
    try withStore { store, other throws in
      #expect(try !store.land(Batch.sample(nil, 5)))
      #expect(try other.query("SELECT id FROM sample").isEmpty)
    }
  }

  @Test func `an error of the server has its kind`() throws {
    try withStore { store, other throws in
      _ = try store.loadOffsets(creatingMissing: [0])
      try other.execute("ALTER TABLE sample ADD CHECK (id < 5)")
      let error = #expect(throws: SuspectedRecordError.self) { try store.land(Batch.sample(nil, 5)) }
      #expect(error?.error.kind == .data)
      store.rollback()
      try other.execute("DROP TABLE sample")
      let gone = #expect(throws: SuspectedRecordError.self) { try store.land(Batch.sample(nil, 5)) }
      #expect(gone?.error.kind == .schema)
    }
  }

  @Test func `a lock held for longer than --retry-seconds ends the attempts`() throws {
    try withStore { store, other throws in
      _ = try store.loadOffsets(creatingMissing: [0])
      let writer = try BatchWriter(store: store, retrySeconds: 1, isStopped: { false })
      defer { writer.close() }
      try other.execute("BEGIN; SELECT * FROM netflix_offsets FOR UPDATE")
      writer.start(Batch.sample(nil, 5))
      var outcome: WriteResult?
      try wait(until: "the writer ends its attempts", seconds: 30) {
        outcome = writer.wait(timeout: .milliseconds(100))
        return outcome != nil
      }
      guard case .failed(let error as PostgresError) = outcome, error.kind == .transient else {
        Issue.record("\(String(describing: outcome))")
        return
      }
    }
  }

  @Test func `the writer waits for a lock that another session holds`() throws {
    try withStore { store, other throws in
      _ = try store.loadOffsets(creatingMissing: [0])
      let writer = try BatchWriter(store: store, retrySeconds: 60, isStopped: { false })
      defer { writer.close() }
      try other.execute("BEGIN; SELECT * FROM netflix_offsets FOR UPDATE")
      writer.start(Batch.sample(nil, 5))
      // lock_timeout is 5 s: after that the first attempt has failed.
      var waited = 0
      while writer.wait(timeout: .milliseconds(500)) == nil, waited < 13 { waited += 1 }
      #expect(waited == 13)
      try other.execute("ROLLBACK")
      var outcome: WriteResult?
      while outcome == nil { outcome = writer.wait(timeout: .milliseconds(500)) }
      guard case .committed = outcome else {
        Issue.record("\(String(describing: outcome))")
        return
      }
      #expect(writer.retries > 0)
    }
  }

  private static let silent = "CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; "
  private static func raising(_ code: String) -> String {
    "CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no' USING ERRCODE = '\(code)'; END $$; "
  }

  @Test(
    arguments: [silent] + ["P0001", "42P01", "53100", "40001", "57P01"].map(raising), ["netflix_offsets", "netflix_rejected"])
  func `a trigger on a table of the consumer's that suppresses or refuses rows is 78, and what is advised helps`(
    function: String, table: String
  ) throws {
    try withStore { store, other throws in
      _ = try store.loadOffsets(creatingMissing: [0])
      try other.execute("\(function)CREATE TRIGGER \"My trigger\" BEFORE INSERT OR UPDATE ON \(table) FOR EACH ROW EXECUTE FUNCTION act()")
      try expectRestorable(store, other, table)
    }
  }

  @Test(arguments: [
    ("netflix_rejected", "ALTER TABLE netflix_rejected ADD CHECK (false) NOT VALID"),
    ("netflix_rejected", "CREATE UNIQUE INDEX ON netflix_rejected (kafka_topic)"),
    ("netflix_rejected", "ALTER TABLE netflix_rejected ADD PRIMARY KEY (kafka_topic)"),
    ("netflix_rejected", "ALTER TABLE netflix_rejected ALTER COLUMN kafka_partition TYPE bigint"),
    ("netflix_offsets", "ALTER TABLE netflix_offsets ADD CHECK (next_offset < 5)"),
    ("netflix_offsets", "CREATE RULE keep AS ON UPDATE TO netflix_offsets DO INSTEAD NOTHING"),
  ])
  func `what else somebody adds to these tables under a running consumer is 78, and what is advised helps`(table: String, change: String)
    throws
  {
    try withStore { store, other throws in
      _ = try store.loadOffsets(creatingMissing: [0])
      try other.execute("INSERT INTO netflix_rejected VALUES ('sample', 'g', 'sample', 0, 1, NULL, NULL, 'r'); \(change)")
      try expectRestorable(store, other, table)
    }
  }

  /// A batch of a row and a rejected record: it fails as a whole, names the table, and lands once the advised statements ran.
  private func expectRestorable(_ store: PostgresStore, _ other: PostgresConnection, _ table: String) throws {
    let batch = Batch.sample(nil, 5)
    batch.counts.rejected = 1
    store.rejectEncoder.append(partition: 0, offset: 3, key: nil, payload: nil, reason: "no", to: batch.rejects)
    let error = try #require(throws: SinkError.self) { try store.land(batch) }
    #expect(error.kind == .configuration && error.message.contains(table), "\(error)")
    store.rollback()
    #expect(try other.query("SELECT id FROM sample").isEmpty)
    #expect(try other.query("SELECT next_offset FROM netflix_offsets").map { $0 } == [[nil]])
    try other.execute(try #require(error.hint).split(separator: "\n").dropFirst().joined(separator: "\n"))
    #expect(try store.land(batch))
    #expect(try other.query("SELECT kafka_offset FROM netflix_rejected WHERE kafka_offset = 3").count == 1)
    #expect(try other.query("SELECT id FROM sample").map { $0 } == [["5"]])
  }

  @Test func `a suppressed INSERT of offsets is 78, and so is a reset that is suppressed`() throws {
    try withStore { store, other throws in
      _ = try store.loadOffsets(creatingMissing: [0])
      #expect(try store.land(Batch.sample(nil, 5)))
      try other.execute(
        "\(Self.silent)CREATE TRIGGER act BEFORE INSERT OR UPDATE ON netflix_offsets FOR EACH ROW EXECUTE FUNCTION act()")
      let load = #expect(throws: SinkError.self) { try store.loadOffsets(creatingMissing: [0, 1]) }
      let text = "netflix_offsets does not take what the consumer writes: an INSERT adds no row"
      #expect(load?.kind == .configuration && load?.message.hasSuffix(text) == true, "\(String(describing: load))")
      let reset = #expect(throws: SinkError.self) { try store.resetOffsets(wholeTable: true, deletingRows: true) }
      #expect(
        reset?.kind == .configuration && reset?.message.contains("netflix_offsets does not take what the consumer writes") == true,
        "\(String(describing: reset))")
      #expect(try other.query("SELECT count(*) FROM sample").firstValue == "1")
    }
  }

  @Test(arguments: ["SELECT * FROM netflix_offsets FOR UPDATE", "LOCK netflix_offsets", "LOCK sample"])
  func `waits for a lock are no longer than the time that is left`(lock: String) throws {
    try withStore { store, other throws in
      _ = try store.loadOffsets(creatingMissing: [0])
      let writer = try BatchWriter(store: store, retrySeconds: 1, isStopped: { false })
      defer { writer.close() }
      try other.execute("BEGIN; \(lock)")
      let start = ContinuousClock.now
      writer.start(Batch.sample(nil, 5))
      var outcome: WriteResult?
      while outcome == nil { outcome = writer.wait(timeout: .milliseconds(100)) }
      guard case .failed(let error as PostgresError) = outcome, error.sqlstate == "55P03" else {
        Issue.record("\(String(describing: outcome))")
        return
      }
      // lock_timeout is 5 s where there is more time.
      #expect(ContinuousClock.now - start < .seconds(4))
      store.connectSeconds = 0.1
      let timeout = PostgresError(kind: .transient, sqlstate: "55P03", message: "canceling statement due to lock timeout")
      if lock == "LOCK netflix_offsets" { #expect(throws: timeout) { try store.loadOffsets(creatingMissing: [0]) } }
      if lock != "LOCK sample" { #expect(throws: timeout) { try store.resetOffsets(wholeTable: true, deletingRows: true) } }
      #expect(ContinuousClock.now - start < .seconds(5))
    }
  }
}

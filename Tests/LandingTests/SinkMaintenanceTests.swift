import Dataset
import Postgres
import TestSupport
import Testing

@testable import Landing

/// Offsets and rejected records, without a broker.
@Suite struct SinkMaintenanceTests {
  /// A table that the consumer has made, and what maintains it.
  private func withMaintenance(
    _ resource: Resource = Sample.keyless, _ body: (SinkMaintenance, PostgresStore, PostgresConnection) throws -> Void
  ) throws {
    try withDatabase { url in
      var options = Sample.options()
      options.database = url
      options.retrySeconds = 30
      let store = try PostgresStore(options: options, resource: resource, log: .silent)
      defer { store.close() }
      try store.ensureSchema()
      let maintenance = try SinkMaintenance(
        resource: resource, options: options, configuration: .init(bootstrapServers: "127.0.0.1:1", retrySeconds: 1))
      defer { maintenance.close() }
      let other = try PostgresConnection.open(url, applicationName: "tests")
      defer { other.close() }
      try body(maintenance, store, other)
    }
  }

  /// Rejected records with ids from `first` on, at these offsets.
  private func reject(_ offsets: ClosedRange<Int>, _ connection: PostgresConnection, name: String = "a", reason: String = "r") throws {
    try connection.execute(
      """
      INSERT INTO netflix_rejected
      SELECT 'sample', 'netflix-consumer', 'sample', 0, i, NULL, convert_to('{"id":' || i || ',"name":"\(name)","amount":1}', 'UTF8'), '\(reason)'
      FROM generate_series(\(offsets.lowerBound), \(offsets.upperBound)) AS i
      """)
  }

  @Test func `more records than fit a transaction are replayed, and none twice`() throws {
    try withMaintenance { maintenance, _, other throws in
      try reject(1...2500, other)
      // A message that was read twice was rejected twice.
      try reject(7...8, other, reason: "another")
      try other.execute("UPDATE netflix_rejected SET payload = 'no row' WHERE kafka_offset = 1700")
      let counts = try maintenance.replayRejected(RejectFilter())
      #expect(counts.received == 2500 && counts.landed == 2499 && counts.rejected == 1 && counts.batches == 3)
      #expect(try other.query("SELECT count(*), count(DISTINCT id) FROM sample").map { $0 } == [["2499", "2499"]])
      #expect(try other.query("SELECT kafka_offset, reason <> 'r' FROM netflix_rejected").map { $0 } == [["1700", "t"]])
    }
  }

  @Test func `a message that was rejected for two reasons lands once, whichever is selected`() throws {
    try withMaintenance { maintenance, _, other throws in
      try reject(7...8, other)
      try reject(7...7, other, reason: "another")
      var filter = RejectFilter()
      filter.reason = "other"
      #expect(try maintenance.replayRejected(filter).landed == 1)
      #expect(try other.query("SELECT id FROM sample").map { $0 } == [["7"]])
      #expect(try other.query("SELECT kafka_offset FROM netflix_rejected").map { $0 } == [["8"]])
    }
  }

  @Test func `large payloads are replayed in transactions of few records`() throws {
    try withMaintenance { maintenance, _, other throws in
      try other.execute(
        """
        INSERT INTO netflix_rejected SELECT 'sample', 'netflix-consumer', 'sample', 0, i, NULL,
          convert_to('{"id":' || i || ',"name":"' || repeat('x', 3000000) || '"}', 'UTF8'), 'r' FROM generate_series(1, 4) AS i
        """)
      let counts = try maintenance.replayRejected(RejectFilter())
      #expect(counts.landed == 4 && counts.batches == 4)
      #expect(try other.query("SELECT count(*) FROM sample WHERE length(name) = 3000000").firstValue == "4")
    }
  }

  @Test(arguments: [Sample.keyed, Sample.keyless])
  func `a record that the database rejects again stays with the server's reason, and the others land`(resource: Resource) throws {
    try withMaintenance(resource) { maintenance, _, other throws in
      try other.execute("ALTER TABLE sample ADD CONSTRAINT odd CHECK (id % 2 = 1)")
      try reject(1...9, other)
      let counts = try maintenance.replayRejected(RejectFilter())
      #expect(counts.landed == 5 && counts.rejected == 4)
      #expect(try other.query("SELECT string_agg(id::text, ' ' ORDER BY id) FROM sample").firstValue == "1 3 5 7 9")
      #expect(try other.query("SELECT count(*) FROM netflix_rejected WHERE reason LIKE '%\"odd\"%'").firstValue == "4")
    }
  }

  @Test func `an error that does not depend on a record ends the replay, and nothing is deleted`() throws {
    try withMaintenance { maintenance, _, other throws in
      try reject(1...3, other)
      try other.execute(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'closed' USING ERRCODE = '23514'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON sample FOR EACH STATEMENT EXECUTE FUNCTION refuse()
        """)
      #expect(throws: PostgresError.self) { try maintenance.replayRejected(RejectFilter()) }
      #expect(try other.query("SELECT count(*) FROM netflix_rejected").firstValue == "3")
    }
  }

  @Test func `records that another replay lands at the same time do not land twice`() throws {
    try withMaintenance { maintenance, _, other throws in
      try reject(1...3, other)
      try other.execute("BEGIN; DELETE FROM netflix_rejected WHERE kafka_offset <= 2; INSERT INTO sample VALUES (1, 'a', 1, 't', 0, 1)")
      try expectToWait(for: other) { [maintenance = Unchecked(maintenance)] in
        let counts = try maintenance.value.replayRejected(RejectFilter())
        #expect(counts.landed == 1)
      }
      #expect(try other.query("SELECT string_agg(id::text, ' ' ORDER BY id) FROM sample").firstValue == "1 3")
    }
  }

  @Test func `what is published again is deleted only once the publisher returns`() throws {
    try withMaintenance { maintenance, _, other throws in
      try reject(1...1200, other)
      struct Refusal: Error {}
      var calls = 0
      #expect(throws: Refusal.self) {
        _ = try maintenance.republishRejected(RejectFilter()) { records in
          calls += 1
          #expect(records.count == (calls == 1 ? 1000 : 200))
          if calls == 2 { throw Refusal() }
        }
      }
      #expect(try other.query("SELECT count(*), min(kafka_offset) FROM netflix_rejected").map { $0 } == [["200", "1001"]])
      #expect(try maintenance.republishRejected(RejectFilter()) { _ in } == 200)
    }
  }

  @Test func `a probe notices offsets that somebody changed or deleted`() throws {
    try withMaintenance { _, store, other throws in
      _ = try store.loadOffsets(creatingMissing: [0, 1])
      let probe = Batch()
      probe.expectedOffsets = [(0, nil), (1, nil)]
      #expect(try store.land(probe))
      try other.execute("UPDATE netflix_offsets SET next_offset = 5 WHERE kafka_partition = 1")
      #expect(try store.land(probe) == false)
      probe.expectedOffsets = [(0, nil), (1, 5)]
      #expect(try store.land(probe))
      try other.execute("DELETE FROM netflix_offsets WHERE kafka_partition = 0")
      #expect(try store.land(probe) == false)
    }
  }
}

/// Passes a value to another thread while this one waits.
private struct Unchecked<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}

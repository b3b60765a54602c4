import Postgres
import TestSupport
import Testing

@testable import Landing

/// docs/delivery.md, point 7, without a broker.
@Suite struct StoreResetTests {
  @Test func `a reset waits for the transaction that advanced an offset, and deletes its rows, too`() throws {
    try withStore { store, other throws in
      _ = try store.loadOffsets(creatingMissing: [0])
      try other.execute("BEGIN; UPDATE netflix_offsets SET next_offset = 9; INSERT INTO sample VALUES (1, '', 1, 't', 0, 0)")
      let error = #expect(throws: PostgresError.self) { try store.resetOffsets(wholeTable: true, deletingRows: true) }
      #expect(error?.kind == .transient)
      try other.execute("COMMIT")
      try store.resetOffsets(wholeTable: true, deletingRows: true)
      #expect(try other.query("SELECT next_offset FROM netflix_offsets").map { $0 } == [[nil]])
      #expect(try other.query("SELECT id FROM sample").isEmpty)
    }
  }

  /// docs/delivery.md, point 7: in another order, or without the lock, the rows of an open transaction survive a reset.
  @Test func `a reset deletes rows that a concurrent transaction lands, also those of a new partition`() throws {
    try withStore { store, other throws in
      try other.execute(
        """
        BEGIN; \(store.statements().lockForCommit);
        INSERT INTO netflix_offsets VALUES ('sample', 'netflix-consumer', 'sample', 1, 9);
        INSERT INTO sample VALUES (1, '', 1, 't', 0, 0)
        """)
      try expectToWait(for: other) { try store.resetOffsets(wholeTable: true, deletingRows: true) }
      #expect(try other.query("SELECT next_offset FROM netflix_offsets").map { $0 } == [[nil]])
      #expect(try other.query("SELECT id FROM sample").isEmpty)
    }
  }

  /// All tables of a schema share netflix_offsets: a bulk load of another table may hold its rows for long.
  @Test func `neither a start nor a reset waits for a transaction that lands in another table`() throws {
    try withStore { store, other throws in
      var options = store.options
      options.table = "another"
      let neighbor = try PostgresStore(options: options, resource: Sample.keyed, log: .silent)
      defer { neighbor.close() }
      try neighbor.ensureSchema()
      _ = try neighbor.loadOffsets(creatingMissing: [0])
      try other.execute(
        "BEGIN; \(neighbor.statements().lockForCommit); UPDATE netflix_offsets SET next_offset = 9 WHERE table_name = 'another'")
      try store.resetOffsets(wholeTable: true, deletingRows: true)
      // Creating a table resets its offsets.
      let third = try PostgresConnection.open(options.database, applicationName: "tests")
      defer { third.close() }
      try third.execute("DROP TABLE sample")
      try store.ensureSchema()
      try other.execute("COMMIT")
      #expect(try other.query("SELECT next_offset FROM netflix_offsets WHERE table_name = 'another'").firstValue == "9")
    }
  }

  /// TRUNCATE ignores snapshots: a concurrent reader would see an empty table.
  @Test(arguments: [
    "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; "
      + "CREATE TRIGGER keep BEFORE DELETE ON sample FOR EACH ROW EXECUTE FUNCTION keep()",
    "CREATE RULE keep AS ON DELETE TO sample DO INSTEAD NOTHING",
  ])
  func `a table that suppresses a DELETE is 78, and the suggested statement empties it`(setup: String) throws {
    try withStore { store, other throws in
      #expect(try store.land(Batch.sample(nil, 5)) == false)
      _ = try store.loadOffsets(creatingMissing: [0])
      #expect(try store.land(Batch.sample(nil, 5)))
      try other.execute(setup)
      let error = #expect(throws: SinkError.self) { try store.resetOffsets(wholeTable: true, deletingRows: true) }
      #expect(error?.kind == .configuration)
      #expect(try store.loadOffsets(creatingMissing: [0]).first?.next == 5)
      try other.execute(String(try #require(error?.hint?.split(separator: "\n").last)))
      try store.resetOffsets(wholeTable: true, deletingRows: true)
      #expect(try store.loadOffsets(creatingMissing: [0]).first?.next == nil)
    }
  }

  @Test func `a reader that began before a reset still sees all rows`() throws {
    try withStore { store, other throws in
      _ = try store.loadOffsets(creatingMissing: [0])
      #expect(try store.land(Batch.sample(nil, 5)))
      try other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
      #expect(try other.query("SELECT count(*) FROM netflix_rejected").firstValue == "0")
      try store.resetOffsets(wholeTable: true, deletingRows: true)
      #expect(try other.query("SELECT count(*) FROM sample").firstValue == "1")
      try other.execute("COMMIT")
      #expect(try other.query("SELECT count(*) FROM sample").firstValue == "0")
    }
  }

  @Test(arguments: [
    (false, "other/netflix-consumer/sample sample/netflix-consumer/more sample/others/sample"),
    (true, "other/netflix-consumer/sample"),
  ])
  func `a reset applies to this group and topic, or to the whole table, and to no other table`(wholeTable: Bool, left: String) throws {
    try withStore { store, other throws in
      for place in [
        "'sample', 'netflix-consumer', 'sample'", "'sample', 'others', 'sample'", "'sample', 'netflix-consumer', 'more'",
        "'other', 'netflix-consumer', 'sample'",
      ] {
        try other.execute("INSERT INTO netflix_offsets VALUES (\(place), 0, 5)")
        try other.execute("INSERT INTO netflix_rejected VALUES (\(place), 0, 1, '', '', 'r')")
      }
      try store.resetOffsets(wholeTable: wholeTable, deletingRows: false)
      let list =
        "SELECT string_agg(concat_ws('/', table_name, consumer_group, kafka_topic), ' ' ORDER BY table_name, consumer_group, kafka_topic) FROM"
      #expect(try other.query("\(list) netflix_offsets WHERE next_offset = 5").firstValue == left)
      #expect(try other.query("\(list) netflix_rejected").firstValue == left)
    }
  }

  @Test(arguments: [
    """
    CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'kept'; END $$;
    CREATE TRIGGER keep BEFORE DELETE ON sample FOR EACH ROW EXECUTE FUNCTION keep()
    """,
    "CREATE TABLE child (id bigint REFERENCES sample (id)); INSERT INTO child VALUES (1)",
  ])
  func `a DELETE that a trigger or a foreign key refuses is 78, and nothing is reset`(refusal: String) throws {
    try withStore { store, other throws in
      _ = try store.loadOffsets(creatingMissing: [0])
      #expect(try store.land(Batch.sample(nil, 5)))
      try other.execute("INSERT INTO sample (id, kafka_topic, kafka_partition, kafka_offset) VALUES (1, 't', 0, 0) ON CONFLICT DO NOTHING")
      try other.execute(refusal)
      let error = try #require(throws: SinkError.self) { try store.resetOffsets(wholeTable: true, deletingRows: true) }
      #expect(error.kind == .configuration && error.hint?.contains("foreign key") == true, "\(error)")
      store.rollback()
      #expect(try store.loadOffsets(creatingMissing: [0]).map(\.next) == [5])
    }
  }

  @Test func `a reset keeps the rows of a table that inherits from this one`() throws {
    try withStore { store, other throws in
      _ = try store.loadOffsets(creatingMissing: [0])
      #expect(try store.land(Batch.sample(nil, 5)))
      try other.execute(
        "CREATE TABLE heir () INHERITS (sample); INSERT INTO heir VALUES (5, 'mine', 1, 'another', 0, 0), (6, 'mine', 1, 'another', 0, 1)")
      try store.resetOffsets(wholeTable: true, deletingRows: true)
      #expect(try other.query("SELECT tableoid::regclass, id FROM sample ORDER BY id").map { $0 } == [["heir", "5"], ["heir", "6"]])
      // Rows of the topic there would be doubled.
      #expect(try store.land(Batch.sample(nil, 5)))
      try other.execute("INSERT INTO heir VALUES (7, 'moved', 1, 'sample', 0, 7)")
      let error = try #require(throws: SinkError.self) { try store.resetOffsets(wholeTable: true, deletingRows: true) }
      #expect(error.kind == .configuration && error.message.contains("heir"), "\(error)")
      #expect(try store.loadOffsets(creatingMissing: [0]).map(\.next) == [5])
      try other.execute(String(try #require(error.hint?.split(separator: "\n").last)))
      try store.resetOffsets(wholeTable: true, deletingRows: true)
      #expect(try other.query("SELECT count(*) FROM heir").firstValue == "3")
      #expect(try other.query("SELECT count(*) FROM sample").firstValue == "0")
    }
  }

  @Test func `a partitioned table is emptied with its partitions`() throws {
    try withDatabase { url in
      var options = Sample.options()
      options.database = url
      let store = try PostgresStore(options: options, resource: Sample.keyed, log: .silent)
      defer { store.close() }
      let other = try PostgresConnection.open(url, applicationName: "tests")
      defer { other.close() }
      try other.execute(
        """
        CREATE TABLE sample (id bigint PRIMARY KEY, name text, amount numeric) PARTITION BY RANGE (id);
        CREATE TABLE rest PARTITION OF sample DEFAULT
        """)
      try store.ensureSchema()
      _ = try store.loadOffsets(creatingMissing: [0])
      #expect(try store.land(Batch.sample(nil, 5)))
      try store.resetOffsets(wholeTable: true, deletingRows: true)
      #expect(try other.query("SELECT count(*) FROM rest").firstValue == "0")
    }
  }
}

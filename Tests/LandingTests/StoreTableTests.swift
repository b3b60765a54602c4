import Dataset
import Dispatch
import Foundation
import Kafka
import Postgres
import TestSupport
import Testing

@testable import Landing

/// DELIVERY, «The table»: 11.
@Suite struct StoreTableTests {
  private func store(_ url: String, _ resource: Resource = Sample.keyed, _ change: (inout LandingOptions) -> Void = { _ in }) throws
    -> Store
  {
    var options = Sample.options()
    options.database = url
    change(&options)
    return try Store(options: options, resource: resource, log: .silent)
  }

  private func prepare(_ url: String, _ resource: Resource = Sample.keyed) throws {
    let store = try store(url, resource)
    defer { store.close() }
    try store.prepare()
  }

  private func failure(_ body: () throws -> Void) -> LandingError? {
    do {
      try body()
      return nil
    } catch { return error as? LandingError }
  }

  private func connect(_ url: String) throws -> PostgresConnection { try PostgresConnection.open(url, applicationName: "tests") }

  @Test(arguments: [
    ("netflix_offsets", "keeps its own books"), ("public.netflix_rejected", "keeps its own books"),
    (String(repeating: "t", count: 64), "longer than Postgres' 63 bytes"), ("nowhere.sample", "there is no schema"),
  ])
  func `a table that cannot hold the rows is refused, and nothing is made`(table: String, reason: String) throws {
    try withDatabase { url in
      let store = try store(url) { $0.table = table }
      defer { store.close() }
      let error = failure { try store.prepare() }
      #expect(error?.kind == .configuration && error?.message.contains(reason) == true, "\(String(describing: error))")
      let connection = try connect(url)
      defer { connection.close() }
      #expect(try connection.query("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").value == "0")
    }
  }

  private let columns = """
    SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = 'sample'::regclass AND attnum > 0 AND NOT attisdropped
    """

  @Test func `a table that is missing is made, and found as it is the next time`() throws {
    try withDatabase { url in
      try prepare(url)
      try prepare(url)
      let connection = try connect(url)
      defer { connection.close() }
      #expect(
        try connection.query(columns).value
          == "id bigint, name text, amount numeric, kafka_topic text, kafka_partition integer, kafka_offset bigint, "
          + "landed_at timestamp with time zone")
      #expect(try connection.query("SELECT count(*) FROM netflix_offsets").value == "0")
      #expect(try connection.query("SELECT count(*) FROM netflix_rejected").value == "0")
    }
  }

  @Test func `a column that the description has and the table lacks is added`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE TABLE sample (id bigint UNIQUE, mine text); INSERT INTO sample VALUES (1, 'x')")
      try prepare(url)
      #expect(
        try connection.query(columns).value
          == "id bigint, mine text, name text, amount numeric, kafka_topic text, kafka_partition integer, kafka_offset bigint, "
          + "landed_at timestamp with time zone")
      #expect(try connection.query("SELECT mine FROM sample").value == "x")
    }
  }

  @Test func `types that differ are told with the statement to run, and after it all is well`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE TABLE sample (id bigint PRIMARY KEY, name varchar(9), amount numeric(9,2))")
      let error = try #require(failure { try prepare(url) })
      #expect(error.kind == .configuration)
      #expect(
        error.message
          == "table \"public\".\"sample\" differs from the description: name is character varying(9), not text; "
          + "amount is numeric(9,2), not numeric")
      let statement = try #require(error.advice?.split(separator: "\n").last)
      #expect(
        statement == """
          ALTER TABLE "public"."sample" ALTER COLUMN "name" TYPE text USING "name"::text, \
          ALTER COLUMN "amount" TYPE numeric USING "amount"::numeric;
          """)
      #expect(try connection.query("SELECT to_regclass('netflix_offsets')").value == nil)
      try connection.execute(String(statement))
      try prepare(url)
    }
  }

  @Test(arguments: [
    "", "CREATE INDEX ON sample (id)", "CREATE UNIQUE INDEX ON sample (id) WHERE id > 0", "CREATE UNIQUE INDEX ON sample (id, name)",
    "ALTER TABLE sample ADD UNIQUE (id) DEFERRABLE", "CREATE UNIQUE INDEX ON sample ((id + 1))",
  ])
  func `a key that is not unique is told with the statement to run`(index: String) throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE TABLE sample (id bigint, name text); \(index)")
      let error = try #require(failure { try prepare(url) })
      #expect(error.kind == .configuration)
      #expect(error.message == "table \"public\".\"sample\" has no unique constraint on the key (id)")
      try connection.execute(String(try #require(error.advice?.split(separator: "\n").last)))
      try prepare(url)
    }
  }

  @Test func `a key of several columns is found in any order`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE TABLE sample (id bigint, name text); CREATE UNIQUE INDEX ON sample (id, name) INCLUDE (id)")
      try prepare(url, Sample.pair)
    }
  }

  @Test func `a view is no table to land in`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE VIEW sample AS SELECT 1 AS id")
      #expect(failure { try prepare(url) }?.kind == .configuration)
    }
  }

  @Test func `names of any kind are quoted, and a schema may be named`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE SCHEMA \"od'd\"")
      let resource = Resource(
        name: "s", path: "s.csv", fields: [Field(header: "x", column: "sele\"ct'; --", type: .string)], primaryKey: [0])
      let store = try store(url, resource) { $0.table = "od'd.my \"table" }
      defer { store.close() }
      try store.prepare()
      #expect(try connection.query("SELECT count(*) FROM \"od'd\".\"my \"\"table\"").value == "0")
      #expect(try store.offsets([0]).count == 1)
      #expect(try connection.query("SELECT table_name FROM \"od'd\".netflix_offsets").value == "my \"table")
    }
  }

  @Test func `many that start at once make one table and no error`() throws {
    try withDatabase { url in
      let failures = Lines()
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        do { try prepare(url) } catch { failures.log(.error, "\(error)") }
      }
      #expect(failures.all == [])
    }
  }

  /// Without the lock the second meets a table that it could not see.
  @Test func `one that starts while another makes the table waits for it, and finds it`() throws {
    try withDatabase { url in
      let other = try connect(url)
      defer { other.close() }
      try other.execute(
        """
        BEGIN; SELECT pg_advisory_xact_lock(\(Store.schemaLock)); CREATE TABLE sample (id bigint PRIMARY KEY, name text, amount numeric)
        """)
      let failures = Lines()
      let ended = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        do { try prepare(url) } catch { failures.log(.error, "\(error)") }
        ended.signal()
      }
      try wait(until: "it waits") { try other.isLockWaitedFor() }
      try other.execute("COMMIT")
      ended.wait()
      #expect(failures.all == [])
    }
  }

  @Test func `a table that is made anew begins anew, for all groups and topics`() throws {
    try withDatabase { url in
      try prepare(url)
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute(
        """
        INSERT INTO netflix_offsets VALUES ('sample', 'g', 't', 0, 5, 'c', 4, 9), ('other', 'g', 't', 0, 5, 'c', 4, 9);
        INSERT INTO netflix_rejected VALUES ('sample', 'g', 't', 0, 1, NULL, NULL, 'r'), ('other', 'g', 't', 0, 1, NULL, NULL, 'r');
        DROP TABLE sample
        """)
      try prepare(url)
      #expect(
        try connection.query("SELECT table_name, next_offset, last_offset FROM netflix_offsets ORDER BY 1").map { $0 } == [
          ["other", "5", "4"], ["sample", nil, nil],
        ])
      #expect(try connection.query("SELECT table_name FROM netflix_rejected").map { $0 } == [["other"]])
    }
  }

  /// DELIVERY, Landing 7: a run whose table is dropped under it may still have moved its offset.
  @Test func `a table that is made anew waits for who moves an offset, and forgets that one, too`() throws {
    try withDatabase { url in
      try prepare(url)
      let other = try connect(url)
      defer { other.close() }
      try other.execute("DROP TABLE sample")
      try other.execute("BEGIN; INSERT INTO netflix_offsets VALUES ('sample', 'g', 't', 0, 5)")
      try expectToWait(for: other) { try prepare(url) }
      #expect(try other.query("SELECT next_offset FROM netflix_offsets").map { $0 } == [[nil]])
    }
  }
}

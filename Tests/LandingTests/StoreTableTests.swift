import Dataset
import Dispatch
import Foundation
import Kafka
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Landing

/// docs/delivery.md, point 11.
@Suite struct StoreTableTests {
  private func store(_ url: String, _ resource: Resource = Sample.keyed, _ change: (inout SinkOptions) -> Void = { _ in }) throws
    -> PostgresStore
  {
    var options = Sample.options()
    options.database = url
    change(&options)
    return try PostgresStore(options: options, resource: resource, log: .silent)
  }

  private func prepare(
    _ url: String, _ resource: Resource = Sample.keyed, _ change: (inout SinkOptions) -> Void = { _ in }
  ) throws {
    let store = try store(url, resource, change)
    defer { store.close() }
    try store.ensureSchema()
  }

  /// The lock that every transaction which lands in the table takes.
  private func lockForMove(_ url: String) throws -> String {
    let store = try store(url)
    defer { store.close() }
    return try store.resolveStatements(store.connection()).lockForCommit
  }

  private func failure(_ body: () throws -> Void) -> SinkError? {
    do {
      try body()
      return nil
    } catch { return error as? SinkError }
  }

  private func connect(_ url: String) throws -> PostgresConnection { try PostgresConnection.open(url, applicationName: "tests") }

  @Test(arguments: [
    ("netflix_offsets", "is a table of the consumer itself"), ("public.netflix_rejected", "is a table of the consumer itself"),
    (String(repeating: "t", count: 64), "longer than Postgres' 63 bytes"), ("nowhere.sample", "there is no schema"),
  ])
  func `a table that cannot store the rows is an error, and nothing is created`(table: String, reason: String) throws {
    try withDatabase { url in
      let store = try store(url) { $0.table = table }
      defer { store.close() }
      let error = failure { try store.ensureSchema() }
      #expect(error?.kind == .configuration && error?.message.contains(reason) == true, "\(String(describing: error))")
      let connection = try connect(url)
      defer { connection.close() }
      #expect(try connection.query("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").firstValue == "0")
    }
  }

  private let columns = """
    SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = 'sample'::regclass AND attnum > 0 AND NOT attisdropped
    """

  @Test func `a missing table is created, and accepted unchanged the next time`() throws {
    try withDatabase { url in
      try prepare(url)
      try prepare(url)
      let connection = try connect(url)
      defer { connection.close() }
      #expect(
        try connection.query(columns).firstValue
          == "id bigint, name text, amount numeric, kafka_topic text, kafka_partition integer, kafka_offset bigint, "
          + "landed_at timestamp with time zone")
      #expect(try connection.query("SELECT count(*) FROM netflix_offsets").firstValue == "0")
      #expect(try connection.query("SELECT count(*) FROM netflix_rejected").firstValue == "0")
    }
  }

  @Test func `a described column that the table lacks is added`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE TABLE sample (id bigint UNIQUE, mine text); INSERT INTO sample VALUES (1, 'x')")
      try prepare(url) { $0.adoptTable = true }
      #expect(
        try connection.query(columns).firstValue
          == "id bigint, mine text, name text, amount numeric, kafka_topic text, kafka_partition integer, kafka_offset bigint, "
          + "landed_at timestamp with time zone")
      #expect(try connection.query("SELECT mine FROM sample").firstValue == "x")
    }
  }

  @Test func `different types are reported with the statement to run, and after it the table is accepted`() throws {
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
      let statement = try #require(error.hint?.split(separator: "\n").last)
      #expect(
        statement == """
          ALTER TABLE "public"."sample" ALTER COLUMN "name" TYPE text USING "name"::text, \
          ALTER COLUMN "amount" TYPE numeric USING "amount"::numeric;
          """)
      #expect(try connection.query("SELECT to_regclass('netflix_offsets')").firstValue == nil)
      try connection.execute(String(statement))
      try prepare(url)
    }
  }

  @Test(arguments: [
    "", "CREATE INDEX ON sample (id)", "CREATE UNIQUE INDEX ON sample (id) WHERE id > 0", "CREATE UNIQUE INDEX ON sample (id, name)",
    "ALTER TABLE sample ADD UNIQUE (id) DEFERRABLE", "CREATE UNIQUE INDEX ON sample ((id + 1))",
  ])
  func `a key without a unique constraint is reported with the statement to run`(index: String) throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE TABLE sample (id bigint, name text); \(index)")
      let error = try #require(failure { try prepare(url) })
      #expect(error.kind == .configuration)
      #expect(error.message == "table \"public\".\"sample\" has no unique constraint on the key (id)")
      try connection.execute(String(try #require(error.hint?.split(separator: "\n").last)))
      try prepare(url)
    }
  }

  @Test func `a unique constraint on several columns is found in any column order`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE TABLE sample (id bigint, name text); CREATE UNIQUE INDEX ON sample (id, name) INCLUDE (id)")
      try prepare(url, Sample.pair)
    }
  }

  @Test func `an UNLOGGED table is 78, and after the suggested statement it is accepted`() throws {
    try withDatabase { url in
      let other = try connect(url)
      defer { other.close() }
      try other.execute("CREATE UNLOGGED TABLE sample (id bigint PRIMARY KEY, name text, amount numeric)")
      let error = failure { try prepare(url) }
      #expect(error?.kind == .configuration)
      try other.execute(String(try #require(error?.hint?.split(separator: "\n").last)))
      try prepare(url)
    }
  }

  @Test func `a view is not accepted as the table`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE VIEW sample AS SELECT 1 AS id")
      #expect(failure { try prepare(url) }?.kind == .configuration)
    }
  }

  @Test func `any name is quoted, and the table may have a schema`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE SCHEMA \"od'd\"")
      let resource = Resource(
        name: "s", path: "s.csv", fields: [Field(header: "x", column: "sele\"ct'; --", type: .string)], primaryKey: [0])
      let store = try store(url, resource) { $0.table = "od'd.my \"table" }
      defer { store.close() }
      try store.ensureSchema()
      #expect(try connection.query("SELECT count(*) FROM \"od'd\".\"my \"\"table\"").firstValue == "0")
      #expect(try store.loadOffsets(creatingMissing: [0]).count == 1)
      #expect(try connection.query("SELECT table_name FROM \"od'd\".netflix_offsets").firstValue == "my \"table")
    }
  }

  @Test func `many concurrent starts create one table without an error`() throws {
    try withDatabase { url in
      let failures = Lines()
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        do { try prepare(url) } catch { failures.log(.error, "\(error)") }
      }
      #expect(failures.all == [])
    }
  }

  /// Without the lock the second start fails with a table that was not visible to it.
  @Test func `a start waits while another one creates the table, and then finds it`() throws {
    try withDatabase { url in
      let other = try connect(url)
      defer { other.close() }
      try other.execute(
        """
        BEGIN; SELECT pg_advisory_xact_lock(\(PostgresStore.schemaLock)); CREATE TABLE sample (id bigint PRIMARY KEY, name text, amount numeric)
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

  @Test func `a recreated table resets the offsets of all groups and topics`() throws {
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
        try connection.query("SELECT table_name, next_offset, kafka_offset FROM netflix_offsets ORDER BY 1").map { $0 } == [
          ["other", "5", "4"], ["sample", nil, nil],
        ])
      #expect(try connection.query("SELECT table_name FROM netflix_rejected").map { $0 } == [["other"]])
    }
  }

  /// docs/delivery.md, point 7: a run whose table is dropped while it runs may still have advanced its offset.
  @Test func `recreating a table waits for a transaction that advances an offset, and resets that one, too`() throws {
    try withDatabase { url in
      try prepare(url)
      let other = try connect(url)
      defer { other.close() }
      try other.execute("DROP TABLE sample")
      try other.execute(
        "BEGIN; \(lockForMove(url)); INSERT INTO netflix_offsets VALUES ('sample', 'g', 't', 0, 5)")
      try expectToWait(for: other) { try prepare(url) }
      #expect(try other.query("SELECT next_offset FROM netflix_offsets").map { $0 } == [[nil]])
    }
  }

  // MARK: Tables of other programs

  @Test func `columns that differ only in case are 78, and each remedy works`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE TABLE sample (\"Id\" bigint, \"NAME\" text, amount numeric)")
      let error = try #require(failure { try prepare(url, Sample.keyless) })
      #expect(error.kind == .configuration)
      #expect(
        error.message
          == "table \"public\".\"sample\" differs from the description in the case of its columns: "
          + "it has \"Id\", not \"id\"; it has \"NAME\", not \"name\"")
      #expect(error.hint?.contains("\"column\": \"Id\", \"column\": \"NAME\"") == true)
      #expect(error.hint?.contains("--adopt-table: columns named id, name, kafka_topic,") == true)
      let named = Resource(
        name: "sample", path: "s.csv",
        fields: [
          Field(header: "id", column: "Id", type: .integer(NumberFormat())), Field(header: "name", column: "NAME", type: .string),
          Field(header: "amount", column: "amount", type: .number(NumberFormat())),
        ])
      try prepare(url, named)
      #expect(
        try connection.query(columns).firstValue
          == "Id bigint, NAME text, amount numeric, kafka_topic text, kafka_partition integer, kafka_offset bigint, "
          + "landed_at timestamp with time zone")
      try connection.execute("DROP TABLE sample; CREATE TABLE sample (\"Id\" bigint)")
      try prepare(url, Sample.keyless) { $0.adoptTable = true }
      #expect(try connection.query(columns).firstValue?.hasPrefix("Id bigint, id bigint, name text,") == true)
    }
  }

  @Test func `a table with rows and without the lineage columns is 78, unless it is adopted`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE TABLE sample (order_id int, note text); INSERT INTO sample VALUES (1, 'x')")
      let error = try #require(failure { try prepare(url, Sample.keyless) })
      #expect(error.kind == .configuration && error.message.contains("has rows that this program did not land"))
      #expect(error.hint?.contains("--adopt-table") == true && error.hint?.contains("--table") == true)
      // --replace would delete its rows.
      #expect(
        failure {
          try prepare(url, Sample.keyless) {
            $0.fromBeginning = true
            $0.replace = true
          }
        }?.kind == .configuration)
      #expect(try connection.query(columns).firstValue == "order_id integer, note text")
      try prepare(url, Sample.keyless) { $0.adoptTable = true }
      #expect(try connection.query("SELECT order_id, note, id FROM sample").map { $0 } == [["1", "x", nil]])
      // Once adopted, it has the lineage.
      try prepare(url, Sample.keyless)
    }
  }

  // MARK: Suggested statements

  /// Conversions that keep a stored value, and conversions that change it.
  @Test(arguments: [
    ("numeric", "1.55", "bigint", 1), ("numeric", "2.00", "bigint", 0), ("numeric", "7", "bigint", 0), ("integer", "7", "bigint", 0),
    ("timestamptz", "2024-01-31 22:30+00", "date", 1), ("timestamptz", "2024-01-31 00:00+00", "date", 0),
    ("timestamp", "2024-01-31 22:30", "timestamp with time zone", 0), ("date", "2024-01-31", "timestamp with time zone", 0),
    ("double precision", "0.30000000000000004", "numeric", 1), ("real", "0.5", "numeric", 0), ("text", "12", "bigint", 0),
    ("text", "012", "bigint", 1), ("json", "{}", "text", 0),
  ])
  func `an ALTER is suggested only if it changes no stored value`(existing: String, value: String, type: String, changed: Int) throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      // The result does not depend on the time zone of the session that runs the statement.
      try connection.execute(
        "SET TimeZone = 'Asia/Tokyo'; CREATE TABLE sample (x \(existing)); INSERT INTO sample VALUES ('\(value)'), (NULL)")
      let types: [String: FieldType] = [
        "bigint": .integer(NumberFormat()), "date": .date(.iso), "timestamp with time zone": .datetime(.iso),
        "numeric": .number(NumberFormat()), "text": .string,
      ]
      let resource = Resource(
        name: "sample", path: "s.csv", fields: [Field(header: "x", column: "x", type: try #require(types[type]))])
      func prepared() throws { try prepare(url, resource) { $0.adoptTable = true } }
      let hint = try #require(failure { try prepared() }?.hint)
      if changed == 0 {
        #expect(hint.hasPrefix("change the description, or run:\nALTER TABLE"))
      } else {
        #expect(
          hint.hasPrefix("change the description.\nLossy: \(type) would change x in 1 row.\nOnly if the values may change:\nALTER TABLE"))
      }
      try connection.execute("SET TimeZone = 'Asia/Tokyo'; \(try #require(hint.split(separator: "\n").last))")
      try prepared()
      guard changed == 0, existing.hasPrefix("timestamp") || existing == "date" else { return }
      try connection.execute("SET TimeZone = 'UTC'")
      #expect(
        try connection.query("SELECT x::text FROM sample WHERE x IS NOT NULL").firstValue?.hasPrefix(String(value.prefix(10))) == true)
    }
  }

  @Test func `a conversion that Postgres does not support is reported, and no ALTER is suggested for it`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE TABLE sample (id varchar(9), name date, amount int); INSERT INTO sample VALUES ('x1')")
      let hint = try #require(failure { try prepare(url, Sample.keyless) { $0.adoptTable = true } }?.hint)
      let lines = hint.split(separator: "\n").map(String.init)
      #expect(
        lines == [
          "change the description, or run:",
          "ALTER TABLE \"public\".\"sample\" ALTER COLUMN \"name\" TYPE text USING \"name\"::text, "
            + "ALTER COLUMN \"amount\" TYPE numeric USING \"amount\"::numeric;",
          "Column id cannot become bigint: invalid input syntax for type bigint: \"x1\".",
        ])
      try connection.execute(lines[1])
    }
  }

  @Test func `no ALTER is suggested for a column of the partition key or of a view`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute(
        """
        CREATE TABLE sample (id int, name varchar(5)) PARTITION BY RANGE (id); CREATE TABLE rest PARTITION OF sample DEFAULT;
        CREATE VIEW names AS SELECT name FROM sample
        """)
      #expect(
        failure { try prepare(url, Sample.keyless) }?.hint
          == "change the description.\nThe table is partitioned by id: its type cannot change.\n"
          + "A view or rule shows name: its type cannot change before that is dropped.")
    }
  }

  @Test(arguments: [true, false])
  func `duplicates of the key are counted, and the suggested statements work`(hasLineage: Bool) throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      let lineage = ", kafka_topic text, kafka_partition int, kafka_offset bigint, landed_at timestamptz"
      try connection.execute("CREATE TABLE sample (id bigint, name text, amount numeric\(hasLineage ? lineage : ""))")
      let rest = { (offset: Int) in hasLineage ? ", 't', 0, \(offset), '2024-01-01'" : "" }
      try connection.execute(
        """
        INSERT INTO sample VALUES (1, 'new', 1\(rest(9))); INSERT INTO sample VALUES (1, 'old', 1\(rest(3)));
        INSERT INTO sample VALUES (2, 'only', 1\(rest(4))); INSERT INTO sample VALUES (NULL, 'a', 1\(rest(5)));
        INSERT INTO sample VALUES (NULL, 'b', 1\(rest(6)))
        """)
      func prepared() throws { try prepare(url) { $0.adoptTable = true } }
      let error = try #require(failure { try prepared() })
      #expect(error.message == "table \"public\".\"sample\" has no unique constraint on the key (id), and 1 key has several rows")
      let lines = try #require(error.hint?.split(separator: "\n"))
      #expect(lines.first == "to replace all rows, add --exit-at-end --from-beginning --replace. To keep the last row of each key, run:")
      try connection.execute(lines.dropFirst().joined(separator: "\n"))
      // The row that landed last; without the lineage columns, the row that was written last.
      #expect(
        try connection.query("SELECT string_agg(name, ' ' ORDER BY name) FROM sample").firstValue
          == (hasLineage ? "a b new only" : "a b old only"))
      try prepared()
    }
  }

  @Test func `a key column that the table lacks is in the suggested statement`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE TABLE sample (name text)")
      let hint = try #require(failure { try prepare(url) }?.hint)
      try connection.execute(hint.split(separator: "\n").dropFirst().joined(separator: "\n"))
      try prepare(url)
    }
  }

  @Test func `a key without the partition's columns is 78 with the key to describe`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute(
        """
        CREATE TABLE sample (id bigint, name text, amount numeric, PRIMARY KEY (id, name)) PARTITION BY LIST (name);
        CREATE TABLE rest PARTITION OF sample DEFAULT
        """)
      let error = try #require(failure { try prepare(url) })
      #expect(error.message.contains("is partitioned by name, and a unique constraint must contain these columns"))
      #expect(error.hint == "write in the description: \"primaryKey\": [\"id\", \"name\"]")
      try prepare(url, Resource(name: "sample", path: "s.csv", fields: Sample.fields, primaryKey: [0, 1]))
      // A partition that is itself partitioned counts, and so does a column that is not described.
      try connection.execute(
        """
        DROP TABLE sample; CREATE TABLE sample (id bigint, name text, amount numeric, day date) PARTITION BY LIST (name);
        CREATE TABLE rest PARTITION OF sample DEFAULT PARTITION BY RANGE (day)
        """)
      #expect(
        failure { try prepare(url) }?.hint
          == "describe day, and write in the description: \"primaryKey\": [\"id\", \"day\", \"name\"]")
      try connection.execute(
        "DROP TABLE sample; CREATE TABLE sample (id bigint, name text, amount numeric) PARTITION BY HASH (lower(name))")
      #expect(failure { try prepare(url) }?.message.contains("partitioned by an expression") == true)
      try prepare(url, Sample.keyless)
    }
  }

  @Test(arguments: ["tenant text NOT NULL", "tenant must"])
  func `a required column that gets no value is 78, and each remedy works`(column: String) throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE DOMAIN must AS text NOT NULL")
      let create = "DROP TABLE IF EXISTS sample; CREATE TABLE sample (id bigint PRIMARY KEY, name text, \(column))"
      try connection.execute(create)
      let error = try #require(failure { try prepare(url) })
      #expect(
        error.message
          == "column tenant of table \"public\".\"sample\" is NOT NULL, has no default and is not described: no row could be inserted")
      let lines = try #require(error.hint?.split(separator: "\n"))
      let remedy = "ALTER TABLE \"public\".\"sample\" ALTER COLUMN \"tenant\" SET DEFAULT 'a value'"
      #expect(lines[0].hasPrefix("describe it, or give it a default (\(remedy))"))
      if lines.count > 1 {
        try connection.execute(String(lines[1]))
        try prepare(url)
        try connection.execute(create)
      } else {
        #expect(column == "tenant must")
      }
      try connection.execute(remedy)
      try prepare(url)
      // A trigger may set it.
      try connection.execute(
        """
        \(create); CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.tenant := 'x'; RETURN new; END $$;
        CREATE TRIGGER fill BEFORE INSERT ON sample FOR EACH ROW EXECUTE FUNCTION fill()
        """)
      try prepare(url)
    }
  }

  @Test func `DROP NOT NULL is not suggested for a primary key column that is not described`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      try connection.execute("CREATE TABLE sample (number int PRIMARY KEY, id bigint UNIQUE)")
      #expect(failure { try prepare(url) }?.hint?.contains("DROP NOT NULL") == false)
      try connection.execute(
        "DROP TABLE sample; CREATE TABLE sample (number serial PRIMARY KEY, other int GENERATED ALWAYS AS IDENTITY, id bigint UNIQUE)")
      try prepare(url)
    }
  }

  @Test func `generated columns, identity and rules are 78 with a statement that works`() throws {
    try withDatabase { url in
      let connection = try connect(url)
      defer { connection.close() }
      for (definition, reason) in [
        ("id bigint PRIMARY KEY, name text GENERATED ALWAYS AS ('x') STORED", "column name of table \"public\".\"sample\" is generated"),
        ("id bigint PRIMARY KEY, amount bigint GENERATED ALWAYS AS IDENTITY, name text", "GENERATED ALWAYS AS IDENTITY"),
      ] {
        try connection.execute("DROP TABLE IF EXISTS sample; CREATE TABLE sample (\(definition))")
        let integers = Resource(
          name: "sample", path: "s.csv",
          fields: [Sample.fields[0], Sample.fields[1], Field(header: "amount", column: "amount", type: .integer(NumberFormat()))],
          primaryKey: [0])
        let error = try #require(failure { try prepare(url, integers) })
        #expect(error.kind == .configuration && error.message.contains(reason), "\(error)")
        try connection.execute(String(try #require(error.hint?.split(separator: "\n").last)))
        try prepare(url, integers)
      }
      try connection.execute(
        "DROP TABLE sample; CREATE TABLE sample (id bigint PRIMARY KEY); CREATE RULE quiet AS ON UPDATE TO sample DO ALSO NOTHING")
      let error = try #require(failure { try prepare(url) })
      #expect(error.message.contains("has a rule for INSERT or UPDATE"))
      let query = String(try #require(error.hint?.split(separator: "\n").last))
      #expect(try connection.query(query).first?[0] == "quiet")
      try prepare(url, Sample.keyless)
    }
  }

  @Test func `offsets under row-level security are 78, and the suggested statement works`() throws {
    try withDatabase { url in
      try prepare(url)
      let connection = try connect(url)
      defer { connection.close() }
      let role = uniqueName("role")
      try connection.execute(
        "CREATE ROLE \(role); GRANT ALL ON ALL TABLES IN SCHEMA public TO \(role); ALTER TABLE netflix_offsets ENABLE ROW LEVEL SECURITY")
      defer { _ = try? connection.execute("DROP OWNED BY \(role); DROP ROLE \(role)") }
      let address = "\(url)\(url.contains("?") ? "&" : "?")options=-c%20role%3D\(role)"
      let error = try #require(failure { try prepare(address) })
      #expect(error.kind == .configuration && error.message.contains("netflix_offsets is under row-level security"))
      try connection.execute(String(try #require(error.hint?.split(separator: "\n").last)))
      try prepare(address)
    }
  }

  @Test(arguments: [
    "ALTER TABLE netflix_rejected ADD COLUMN tenant text NOT NULL",
    "ALTER TABLE netflix_rejected ALTER COLUMN kafka_partition TYPE bigint, ALTER COLUMN payload TYPE text USING NULL",
    "ALTER TABLE netflix_rejected SET UNLOGGED", "ALTER TABLE netflix_rejected DROP COLUMN rejected_at",
    "ALTER TABLE netflix_offsets ALTER COLUMN next_offset TYPE text", "ALTER TABLE netflix_offsets SET UNLOGGED",
    "ALTER TABLE netflix_offsets DROP COLUMN last_timestamp, ADD COLUMN \"My note\" text NOT NULL DEFAULT 'x'; "
      + "ALTER TABLE netflix_offsets ALTER COLUMN \"My note\" DROP DEFAULT",
    "ALTER TABLE netflix_offsets DROP CONSTRAINT netflix_offsets_pkey",
    """
    ALTER TABLE netflix_offsets DROP CONSTRAINT netflix_offsets_pkey;
    INSERT INTO netflix_offsets SELECT table_name, consumer_group, kafka_topic, kafka_partition, 3 FROM netflix_offsets;
    INSERT INTO netflix_offsets SELECT * FROM netflix_offsets
    """,
  ])
  func `a table of the consumer's that somebody altered is 78, and the statements that are advised restore it`(change: String) throws {
    try withDatabase { url in
      try prepare(url)
      let other = try connect(url)
      defer { other.close() }
      try other.execute(
        "INSERT INTO netflix_offsets VALUES ('sample', 'netflix-consumer', 'sample', 0, 5, NULL, 4, 9, now()); \(change)")
      let error = try #require(failure { try prepare(url) })
      let table = change.contains("netflix_offsets") ? "netflix_offsets" : "netflix_rejected"
      #expect(error.kind == .configuration && error.message.contains(table), "\(error)")
      let hint = try #require(error.hint)
      #expect(hint.hasPrefix("run:\n"))
      try other.execute(hint.split(separator: "\n").dropFirst().joined(separator: "\n"))
      let store = try store(url)
      defer { store.close() }
      try store.ensureSchema()
      #expect(try store.loadOffsets(creatingMissing: [0]).map(\.next) == [5])
    }
  }

  /// The tables as a version before 1.0 created them, with a row each.
  private static let oldTables = """
    ALTER TABLE netflix_offsets RENAME COLUMN kafka_topic TO topic;
    ALTER TABLE netflix_offsets RENAME COLUMN kafka_partition TO partition;
    ALTER TABLE netflix_offsets RENAME COLUMN kafka_offset TO last_offset;
    ALTER TABLE netflix_offsets RENAME COLUMN updated_at TO moved_at;
    ALTER TABLE netflix_rejected RENAME COLUMN kafka_topic TO topic;
    ALTER TABLE netflix_rejected RENAME COLUMN kafka_partition TO partition;
    ALTER TABLE netflix_rejected RENAME COLUMN kafka_offset TO message_offset;
    INSERT INTO netflix_offsets (table_name, consumer_group, topic, partition, next_offset, last_offset, last_timestamp)
    VALUES ('sample', 'netflix-consumer', 'sample', 0, 5, 4, 9);
    INSERT INTO netflix_rejected (table_name, consumer_group, topic, partition, message_offset, reason)
    VALUES ('sample', 'netflix-consumer', 'sample', 0, 3, 'test')
    """

  @Test func `tables of a version before 1.0 get the present column names and keep their rows`() throws {
    try withDatabase { url in
      try prepare(url)
      let other = try connect(url)
      defer { other.close() }
      try other.execute(Self.oldTables)
      let store = try store(url)
      defer { store.close() }
      try store.ensureSchema()
      #expect(
        try store.loadOffsets(creatingMissing: [0]) == [
          StoredOffset(partition: 0, next: 5, cluster: nil, last: OffsetCommit.LastRecord(offset: 4, timestamp: 9))
        ])
      #expect(
        try other.query("SELECT kafka_topic, kafka_partition, kafka_offset FROM netflix_rejected").map { $0 } == [["sample", "0", "3"]])
      #expect(try store.land(Batch.sample(5, 6)))
    }
  }

  @Test func `a dry run on tables of a version before 1.0 names statements that rename their columns`() throws {
    try withDatabase { url in
      try prepare(url)
      let other = try connect(url)
      defer { other.close() }
      try other.execute(Self.oldTables)
      let store = try store(url)
      defer { store.close() }
      let error = try #require(failure { _ = try store.loadOffsetsIfPresent() })
      #expect(error.kind == .configuration)
      try other.execute(try #require(error.hint).split(separator: "\n").dropFirst().joined(separator: "\n"))
      #expect(try store.loadOffsetsIfPresent().map(\.next) == [5])
    }
  }

  @Test func `a role that does not own the tables of a version before 1.0 gets the statements to run as the owner`() throws {
    try withDatabase { url in
      try prepare(url)
      let other = try connect(url)
      defer { other.close() }
      let role = uniqueName("role")
      try other.execute("CREATE ROLE \(role); GRANT ALL ON ALL TABLES IN SCHEMA public TO \(role); \(Self.oldTables)")
      defer { _ = try? other.execute("DROP OWNED BY \(role); DROP ROLE \(role)") }
      let address = "\(url)\(url.contains("?") ? "&" : "?")options=-c%20role%3D\(role)"
      let error = try #require(failure { try prepare(address) })
      #expect(error.kind == .configuration && error.message.contains("the column names of a version before 1.0"), "\(error)")
      try other.execute(try #require(error.hint).split(separator: "\n").dropFirst().joined(separator: "\n"))
      try prepare(address)
    }
  }

  @Test func `a dry run reports offsets that somebody altered`() throws {
    try withDatabase { url in
      try prepare(url)
      let other = try connect(url)
      defer { other.close() }
      try other.execute("ALTER TABLE netflix_offsets ALTER COLUMN next_offset TYPE text")
      let store = try store(url)
      defer { store.close() }
      #expect(failure { _ = try store.loadOffsetsIfPresent() }?.kind == .configuration)
    }
  }

  @Test func `a table that is refused gets no columns, and the log names none`() throws {
    try withDatabase { url in
      let other = try connect(url)
      defer { other.close() }
      try other.execute("CREATE TABLE sample (id bigint, name text)")
      let lines = Lines()
      var options = Sample.options()
      options.database = url
      let store = try PostgresStore(options: options, resource: Sample.keyed, log: SinkLog(lines.log))
      defer { store.close() }
      #expect(failure { try store.ensureSchema() }?.kind == .configuration)
      #expect(lines.all == [])
      #expect(try other.query(columns).firstValue == "id bigint, name text")
    }
  }

  @Test func `the staging table is made without notices`() throws {
    try withDatabase { url in
      let lines = Mutex<[String]>([])
      var options = Sample.options()
      options.database = url
      let log = SinkLog { _, text in lines.withLock { $0.append(text) } }
      let store = try PostgresStore(options: options, resource: Sample.keyed, log: log)
      defer { store.close() }
      try store.ensureSchema()
      try store.ensureSchema()
      #expect(lines.withLock { $0.filter { $0.contains("Postgres:") } } == [])
      // Those of the table's own code are still logged.
      try store.connection().execute("DO $$ BEGIN RAISE NOTICE 'mine'; END $$")
      #expect(lines.withLock { $0.contains("Postgres: mine") })
    }
  }

  @Test func `without a key, the right to INSERT is enough to land`() throws {
    try withDatabase { url in
      try prepare(url, Sample.keyless)
      let other = try connect(url)
      defer { other.close() }
      let role = uniqueName("role")
      try other.execute(
        "CREATE ROLE \(role); GRANT ALL ON netflix_offsets, netflix_rejected TO \(role); GRANT INSERT ON sample TO \(role)")
      defer { _ = try? other.execute("DROP OWNED BY \(role); DROP ROLE \(role)") }
      let store = try store("\(url)\(url.contains("?") ? "&" : "?")options=-c%20role%3D\(role)", Sample.keyless)
      defer { store.close() }
      try store.ensureSchema()
      _ = try store.loadOffsets(creatingMissing: [0])
      #expect(try store.land(Batch.sample(nil, 5)))
    }
  }
}

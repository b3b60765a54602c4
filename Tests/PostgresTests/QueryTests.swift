import Postgres
import Testing

@Suite struct QueryTests {
  @Test func `parameters, NULL and bytes are returned unchanged`() throws {
    let connection = try PostgresServer.open()
    defer { connection.close() }
    let rows = try connection.query(
      "SELECT $1::text AS a, $2::numeric AS b, $3::text AS c, $4::bytea AS d",
      parameters: [.text("Ünïcode 'quoted'"), .text("11.450"), .null, .bytes([0, 255, 39])])
    #expect(rows.columns == ["a", "b", "c", "d"])
    #expect(rows.rows == [["Ünïcode 'quoted'", "11.450", nil, "\\x00ff27"]])
  }

  @Test func `affected rows are counted`() throws {
    let connection = try PostgresServer.open()
    defer { connection.close() }
    try connection.execute("CREATE TEMP TABLE t (a int)")
    #expect(try connection.execute("INSERT INTO t SELECT generate_series(1, 7)") == 7)
    #expect(try connection.query("DELETE FROM t WHERE a > $1", ["5"]).affected == 2)
    #expect(try connection.query("SELECT count(*) FROM t").firstValue == "5")
  }

  @Test func `text with U+0000 is a data error and is not truncated`() throws {
    let connection = try PostgresServer.open()
    defer { connection.close() }
    let error = try postgresError { try connection.query("SELECT $1::text", ["a\0b"]) }
    #expect(error?.kind == .data)
    #expect(error?.sqlstate == "22021")
  }

  @Test(arguments: [
    ("SELECT * FROM nowhere", "42P01", PostgresError.Kind.schema), ("SELECT nothing", "42703", .schema),
    ("SELECT 1/0", "22012", .data), ("SELECT 'x'::int", "22P02", .data), ("SELEC", "42601", .internal),
    ("DO $$ BEGIN RAISE EXCEPTION 'no'; END $$", "P0001", .data),
    ("DO $$ BEGIN RAISE serialization_failure; END $$", "40001", .transient),
    ("DO $$ BEGIN RAISE disk_full; END $$", "53100", .unavailable),
  ])
  func `an error has the server's SQLSTATE and its kind`(sql: String, sqlstate: String, kind: PostgresError.Kind) throws {
    let connection = try PostgresServer.open()
    defer { connection.close() }
    let error = try postgresError { try connection.execute(sql) }
    #expect(error?.sqlstate == sqlstate)
    #expect(error?.kind == kind)
    #expect(try connection.query("SELECT 1").firstValue == "1")
  }

  @Test(arguments: [
    ("57P01", PostgresError.Kind.unavailable), ("57014", .transient), ("21000", .data), ("54000", .data), ("P0002", .data),
    ("0A000", .schema),
    ("08006", .unavailable), ("25006", .unavailable), ("25P03", .unavailable), ("58030", .unavailable),
    ("40P01", .transient), ("55P03", .transient), ("28000", .unauthorized), ("42501", .unauthorized), ("42P10", .schema),
    ("42804", .schema), ("23505", .data), ("42601", .internal), ("XX000", .internal),
  ])
  func `each SQLSTATE has its kind`(sqlstate: String, kind: PostgresError.Kind) {
    #expect(PostgresError.Kind(sqlstate: sqlstate) == kind)
  }

  @Test func `rows are streamed one by one, and the session is usable after the reader throws`() throws {
    let connection = try PostgresServer.open()
    defer { connection.close() }
    var sum = 0
    try connection.forEachRow("SELECT g, NULL FROM generate_series(1, $1::int) g", ["1000"]) { row in
      sum += row[0].flatMap { Int($0) } ?? 0
      #expect(row[1] == nil)
    }
    #expect(sum == 500_500)
    struct Enough: Error {}
    #expect(throws: Enough.self) {
      try connection.forEachRow("SELECT generate_series(1, 1000000)") { _ in throw Enough() }
    }
    #expect(throws: PostgresError(kind: .data, sqlstate: "22012", message: "division by zero")) {
      try connection.forEachRow("SELECT 1 / (3 - g) FROM generate_series(1, 5) g") { _ in }
    }
    #expect(try connection.query("SELECT 2").firstValue == "2")
  }

  @Test func `notices are passed to the closure`() throws {
    nonisolated(unsafe) var notices: [PostgresNotice] = []
    let connection = try PostgresServer.open { notices.append($0) }
    defer { connection.close() }
    try connection.execute("DO $$ BEGIN RAISE WARNING 'look here'; END $$")
    #expect(notices == [PostgresNotice(severity: "WARNING", message: "look here")])
  }

  @Test func `names and literals are quoted by libpq`() throws {
    let connection = try PostgresServer.open()
    defer { connection.close() }
    #expect(try connection.quoteIdentifier("a \"b\" c") == "\"a \"\"b\"\" c\"")
    #expect(try connection.quoteLiteral("it's") == "'it''s'")
    #expect(try connection.quoteTable("my schema.netflix_raw") == "\"my schema\".\"netflix_raw\"")
    let zero = PostgresError(kind: .data, sqlstate: "22021", message: "text contains U+0000, which Postgres does not support")
    #expect(throws: zero) { try connection.quoteIdentifier("a\0") }
  }
}

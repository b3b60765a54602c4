import Postgres
import SQLite
import Testing
import Warehouse

@Suite struct ExportTests {
  @Test func `a table whose types have no order is written, too`() throws {
    try withPostgres { (connection) throws in
      try connection.execute(
        """
        CREATE TABLE odd (id int, "what ""ever" json, place point, doc xml, tags text[]);
        INSERT INTO odd VALUES (2, '{"a": [1, 2]}', '(1,2)', NULL, '{a,b}'), (1, NULL, NULL, '<a/>', NULL)
        """)
      var text = ""
      #expect(try Export.run("odd", from: connection, as: .csv) { text += $0 } == 2)
      #expect(
        text == """
          id,"what ""ever",place,doc,tags
          1,,,<a/>,
          2,"{""a"": [1, 2]}","(1,2)",,"{a,b}"

          """)
    }
  }

  private func text(_ body: (@escaping (String) throws -> Void) throws -> Void) throws -> String {
    var text = ""
    try body { text += $0 }
    return text
  }

  @Test func `a view as CSV and as JSON, from SQLite`() throws {
    let data = try SampleDataset.monthly()
    try withSQLite { (database) throws in
      try StarSchemaLoader.run(data.rows, into: database)
      #expect(
        try text { try Export.run("v_sales", from: database, as: .csv, write: $0) } == """
          date,label,year,quarter,month,all,north,south
          2024-01-31,2024-01,2024,1,1,250.500,100.250,150.250
          2024-02-29,2024-02,2024,1,2,300.000,120.125,179.875
          2024-03-31,2024-03,2024,1,3,310.750,,190.000
          2024-04-30,2024-04,2024,2,4,-20.000,-30.005,10.005

          """)
      #expect(
        try text { try Export.run("dim_region", from: database, as: .json, write: $0) } == """
          [
          {"region_id":1,"region":"all","title":"all","is_total":1},
          {"region_id":2,"region":"north","title":"north","is_total":0},
          {"region_id":3,"region":"south","title":"south","is_total":0}
          ]

          """)
    }
  }

  @Test func `a table as CSV and as JSON, from Postgres: numbers keep their digits, NULL and empty text differ`() throws {
    try withPostgres { (connection) throws in
      try connection.execute(
        """
        CREATE TABLE "odd, name" (n numeric, b boolean, t text, f float8);
        INSERT INTO "odd, name" VALUES (1, true, 'plain', 'NaN'), (11.450, false, 'a "quote", a comma' || chr(10) || 'a line', 0.5), (2.0, NULL, '', NULL)
        """)
      #expect(
        try text { try Export.run("odd, name", from: connection, as: .csv, write: $0) } == """
          n,b,t,f
          1,true,plain,NaN
          2.0,,"",
          11.450,false,"a ""quote"", a comma
          a line",0.5

          """)
      #expect(
        try text { try Export.run("public.odd, name", from: connection, as: .json, write: $0) } == #"""
          [
          {"n":1,"b":true,"t":"plain","f":"NaN"},
          {"n":2.0,"b":null,"t":"","f":null},
          {"n":11.450,"b":false,"t":"a \"quote\", a comma\na line","f":0.5}
          ]

          """#)
    }
  }

  @Test(arguments: [
    ("=1+1", "'=1+1"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"),
    ("\r=1", "'\r=1"), ("\r\n=1", "'\r\n=1"), ("-20.000", "-20.000"), ("+7", "+7"), ("-1e-5", "-1e-5"), ("-", "'-"), ("-1-1", "'-1-1"),
    ("a=1", "a=1"), (" =1", " =1"), ("", ""), ("−5", "−5"),
  ])
  func `a safe cell is not a formula, and numbers are unchanged`(text: String, safe: String) { #expect(text.safeCell == safe) }

  @Test func `safe cells are used in CSV only if requested, also for column names, and numbers are unchanged`() throws {
    let rows = "INSERT INTO t VALUES ('=HYPERLINK(\"x\",\"y\")', -1), ('-3.50', -2), (NULL, NULL), ('', 0)"
    let exact = #"""
      @a,b
      ,
      "",0
      -3.50,-2
      "=HYPERLINK(""x"",""y"")",-1

      """#
    let safe = exact.replacing("@a", with: "'@a").replacing("\"=", with: "\"'=")
    try withSQLite { (database) throws in
      try database.execute("CREATE TABLE t (\"@a\" TEXT, b INTEGER); \(rows)")
      #expect(try text { try Export.run("t", from: database, as: .csv, write: $0) } == exact)
      #expect(try text { try Export.run("t", from: database, as: .csv, safeCells: true, write: $0) } == safe)
    }
    try withPostgres { (connection) throws in
      try connection.execute("CREATE TABLE t (\"@a\" text COLLATE \"C\", b numeric); \(rows)")
      let lines = { (text: String) in text.split(separator: "\n").sorted() }
      #expect(lines(try text { try Export.run("t", from: connection, as: .csv, safeCells: true, write: $0) }) == lines(safe))
      #expect(lines(try text { try Export.run("t", from: connection, as: .csv, write: $0) }) == lines(exact))
    }
  }

  @Test func `an empty table gives a header, or an empty array`() throws {
    try withSQLite { (database) throws in
      try database.execute("CREATE TABLE t (a INTEGER, b TEXT)")
      #expect(try text { try Export.run("t", from: database, as: .csv, write: $0) } == "a,b\n")
      #expect(try text { try Export.run("t", from: database, as: .json, write: $0) } == "[\n]\n")
    }
  }

  @Test func `a missing table is reported with the existing ones`() throws {
    try withSQLite { (database) throws in
      try database.execute("CREATE TABLE known (a INTEGER)")
      let error = #expect(throws: WarehouseError.self) { try Export.run("unknown", from: database, as: .csv) { _ in } }
      #expect(error?.kind == .missing)
      #expect(error?.hint == "it has known")
    }
    try withPostgres { (connection) throws in
      try connection.execute("CREATE TABLE known (a int)")
      let error = #expect(throws: WarehouseError.self) { try Export.run("unknown; DROP TABLE known", from: connection, as: .csv) { _ in } }
      #expect(error?.hint == "it has known")
    }
  }
}

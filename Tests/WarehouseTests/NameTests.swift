import Dataset
import Testing
import Warehouse

/// Names of the description that collide with columns or tables of the warehouse.
@Suite struct NameTests {
  static let cases: [(String, String, message: String)] = [
    (#""sales""#, #""region""#, #"metric "region" has the name of another column of v_wide or fact_sales"#),
    (#""sales""#, #""date_id""#, #"metric "date_id" has the name of another column of v_wide or fact_sales"#),
    (#""sales""#, #""wide""#, #"metric "wide": its view would be v_wide, and another table or view has that name"#),
    (#""north""#, #""year""#, #"region "year" has the name of another column of v_sales"#),
    (#""fact_sales""#, #""dim_date""#, #"the fact table "dim_date" has the name of a table or view of the warehouse"#),
    (#""fact_sales""#, #""v_sales""#, #"metric "sales": its view would be v_sales, and another table or view has that name"#),
  ]

  @Test(arguments: cases) func `colliding names are reported in both databases, before anything is created`(
    _ old: String, _ new: String, _ message: String
  ) throws {
    let data = try SampleDataset.monthly(replacing: old, new)
    try withSQLite { (database) throws in
      let error = #expect(throws: WarehouseError.self) { try StarSchemaLoader.run(data.rows, into: database) }
      #expect(error?.kind == .layout)
      #expect(error?.message == message)
      #expect(try database.query("SELECT name FROM sqlite_schema").isEmpty)
    }
    try withPostgres { (connection) throws in
      let error = #expect(throws: WarehouseError.self) { try StarSchemaLoader.run(data.rows, into: connection) }
      #expect(error?.message == message)
    }
  }

  static let long = "region " + String(repeating: "é", count: 28)  // 63 bytes
  static let longer: [(String, String, message: String)] = [
    (#""fact_sales""#, "\"\(long)x\"", "the fact table's name \"\(long)x\" is longer than 63 bytes"),
    (#""sales""#, "\"\(long)\"", "metric \"\(long)\": its view's name v_\(long) is longer than 63 bytes"),
    (#""north""#, "\"\(long)x\"", "the region's name \"\(long)x\" is longer than 63 bytes"),
  ]

  @Test(arguments: longer) func `names that Postgres would truncate are rejected in both databases`(
    _ old: String, _ new: String, _ message: String
  ) throws {
    let data = old == #""sales""# ? try SampleDataset.monthly(renamingMetric: Self.long) : try SampleDataset.monthly(replacing: old, new)
    let error = WarehouseError(
      .layout, message, hint: "shorten it in the description's \"star\"; its \"title\" may stay")
    try withSQLite { (database) throws in
      #expect(throws: error) { try StarSchemaLoader.run(data.rows, into: database) }
    }
    try withPostgres { (connection) throws in
      #expect(throws: error) { try StarSchemaLoader.run(data.rows, into: connection) }
    }
  }

  @Test func `names of 63 bytes are kept in both databases`() throws {
    let data = try SampleDataset.monthly(replacing: #""north""#, "\"\(Self.long)\"")
    try withSQLite { (database) throws in
      try StarSchemaLoader.run(data.rows, into: database)
      #expect(try database.query("SELECT \"\(Self.long)\" FROM v_sales LIMIT 1") == [["100.250"]])
    }
    try withPostgres { (connection) throws in
      try StarSchemaLoader.run(data.rows, into: connection)
      #expect(try connection.query("SELECT \"\(Self.long)\" FROM v_sales ORDER BY date LIMIT 1").firstValue == "100.250")
      #expect(try Snapshot(warehouse: connection, resource: data.resource).sameFacts(as: data.snapshot()))
    }
  }

  @Test func `SQLite does not distinguish North and north, Postgres does`() throws {
    let data = try SampleDataset.monthly(replacing: #""south""#, #""North""#)
    try withSQLite { (database) throws in
      let error = #expect(throws: WarehouseError.self) { try StarSchemaLoader.run(data.rows, into: database) }
      #expect(error?.message == #"region "North" has the name of another column of v_sales"#)
    }
    try withPostgres { (connection) throws in
      #expect(try StarSchemaLoader.run(data.rows, into: connection).regions == 3)
    }
  }
}

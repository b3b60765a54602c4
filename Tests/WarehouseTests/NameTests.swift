import Dataset
import Testing
import Warehouse

/// Names of the description that columns or tables of the warehouse have already.
@Suite struct NameTests {
  static let cases: [(String, String, message: String)] = [
    (#""sales""#, #""region""#, #"metric "region" has the name of another column of v_wide or fact_sales"#),
    (#""sales""#, #""date_id""#, #"metric "date_id" has the name of another column of v_wide or fact_sales"#),
    (#""sales""#, #""wide""#, #"metric "wide": its view would be v_wide, and another table or view has that name"#),
    (#""north""#, #""year""#, #"region "year" has the name of another column of v_sales"#),
    (#""fact_sales""#, #""dim_date""#, #"the fact table "dim_date" has the name of a table or view of the warehouse"#),
    (#""fact_sales""#, #""v_sales""#, #"metric "sales": its view would be v_sales, and another table or view has that name"#),
  ]

  @Test(arguments: cases) func `are refused by name, in both databases, before anything is made`(
    _ old: String, _ new: String, _ message: String
  ) throws {
    let data = try Data21.monthly(replacing: old, new)
    try withSQLite { (database) throws in
      let error = #expect(throws: WarehouseError.self) { try Etl.run(data.rows, into: database) }
      #expect(error?.kind == .layout)
      #expect(error?.message == message)
      #expect(try database.query("SELECT name FROM sqlite_schema").isEmpty)
    }
    try withPostgres { (connection) throws in
      let error = #expect(throws: WarehouseError.self) { try Etl.run(data.rows, into: connection) }
      #expect(error?.message == message)
    }
  }

  @Test func `SQLite takes North and north for one name, Postgres does not`() throws {
    let data = try Data21.monthly(replacing: #""south""#, #""North""#)
    try withSQLite { (database) throws in
      let error = #expect(throws: WarehouseError.self) { try Etl.run(data.rows, into: database) }
      #expect(error?.message == #"region "North" has the name of another column of v_sales"#)
    }
    try withPostgres { (connection) throws in
      #expect(try Etl.run(data.rows, into: connection).regions == 3)
    }
  }
}

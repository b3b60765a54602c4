import Dataset
import Foundation
import Postgres
import SQLite
import TestSupport
import Testing
import Warehouse

@Suite struct EtlRerunTests {
  /// The output of the sqlite3 shell's `.dump`: every definition, and every row of every table in its stored order.
  private func dump(_ database: SQLiteDatabase) throws -> String {
    var text = ""
    for object in try database.query("SELECT type, name, sql FROM sqlite_schema ORDER BY rowid") {
      text += "\(object[2] ?? "")\n"
      guard object[0] == "table", let name = object[1] else { continue }
      for row in try database.query("SELECT * FROM \(SQLiteDatabase.quoteIdentifier(name))") {
        text += row.map { $0 ?? "NULL" }.joined(separator: "|") + "\n"
      }
    }
    return text
  }

  @Test func `a second run leaves the file's dump unchanged, and equal to that of a new file`() throws {
    let data = try SampleDataset.real()
    try withSQLite { (database) throws in
      try StarSchemaLoader.run(data.rows, into: database)
      let first = try dump(database)
      try StarSchemaLoader.run(data.rows, into: database)
      #expect(try dump(database) == first)
      try withSQLite { (fresh) throws in
        try StarSchemaLoader.run(data.rows, into: fresh)
        #expect(try dump(fresh) == first)
      }
      #expect(first.contains("20190331|2|2256851000|66633000|1145"))
    }
  }

  @Test func `a database without readers is a single file after a run`() throws {
    let data = try SampleDataset.real()
    try withTemporaryFolder { (folder) throws in
      let database = try SQLiteDatabase(folder.path + "/netflix.db", .create)
      try StarSchemaLoader.run(data.rows, into: database)
      database.close()
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["netflix.db"])
    }
  }

  @Test func `a changed, a new and a removed quarter are updated`() throws {
    let data = try SampleDataset.real()
    let lines = data.csv.split(separator: "\n")
    let changed = SampleDataset(
      resource: data.resource,
      csv: (lines.filter { !$0.hasPrefix("31-03-2019") }.map(String.init) + [
        "30-06-2024,1,2,3,4,5,6,7,8,9,1.1,2.2,3.3,4.4,10"
      ]).joined(separator: "\n").replacingOccurrences(of: "8832825000,3594791000", with: "8832825000,3930557000"))
    let expected = try changed.snapshot()
    try withSQLite { (database) throws in
      try StarSchemaLoader.run(data.rows, into: database)
      try StarSchemaLoader.run(changed.rows, into: database)
      #expect(try Snapshot(warehouse: database, resource: data.resource).sameFacts(as: expected))
      #expect(try database.query("SELECT count(*) FROM dim_date WHERE year = 2019") == [["3"]])
    }
    try withPostgres { (connection) throws in
      try StarSchemaLoader.run(data.rows, into: connection)
      try StarSchemaLoader.run(changed.rows, into: connection)
      #expect(try Snapshot(warehouse: connection, resource: data.resource).sameFacts(as: expected))
    }
  }

  @Test func `a second run in Postgres writes and locks no fact and no date`() throws {
    let data = try SampleDataset.real()
    try withPostgres { (connection) throws in
      func all() throws -> [[[String?]]] {
        try ["fact_revenue_subscribers", "dim_date", "dim_region"].map {
          try connection.query("SELECT xmin, xmax, ctid, * FROM \($0) ORDER BY 4, 5").rows
        }
      }
      try StarSchemaLoader.run(data.rows, into: connection)
      let before = try all()
      #expect(before.map(\.count) == [105, 21, 5])
      try StarSchemaLoader.run(data.rows, into: connection)
      #expect(try all() == before)
    }
  }

  @Test func `the last of two rows of one date counts, as in landing`() throws {
    let data = try SampleDataset.real()
    let twice = SampleDataset(resource: data.resource, csv: data.csv + "31-03-2024,1,2,3,4,5,6,7,8,9,1.1,2.2,3.3,4.4,10\n")
    try withSQLite { (database) throws in
      #expect(try StarSchemaLoader.run(twice.rows, into: database).superseded == 1)
      #expect(try database.query("SELECT revenue FROM fact_revenue_subscribers WHERE date_id = 20240331 AND region_id = 1") == [["1"]])
    }
    try withPostgres { (connection) throws in
      #expect(try StarSchemaLoader.run(twice.rows, into: connection).superseded == 1)
      #expect(
        try connection.query("SELECT revenue FROM fact_revenue_subscribers WHERE date_id = 20240331 AND region_id = 1").firstValue == "1")
    }
    #expect(try twice.snapshot().series(region: "Global", metric: "revenue")?.points.last?.value?.text == "1")
  }

  @Test func `a failed run leaves the old warehouse unchanged`() throws {
    let data = try SampleDataset.real()
    let broken = data.replacing("31-12-2019", "31-02-2019")
    let old = try data.snapshot()
    let error = DatasetError(
      .data, #"Date: "31-02-2019" is not a date (%d-%m-%Y)"#, file: "test.csv", line: 5, column: 1, hint: "fix or remove the row")
    try withSQLite { (database) throws in
      try StarSchemaLoader.run(data.rows, into: database)
      #expect(throws: error) { try StarSchemaLoader.run(broken.rows, into: database) }
      #expect(try Snapshot(warehouse: database, resource: data.resource).sameFacts(as: old))
    }
    try withPostgres { (connection) throws in
      try StarSchemaLoader.run(data.rows, into: connection)
      #expect(throws: error) { try StarSchemaLoader.run(broken.rows, into: connection) }
      #expect(try Snapshot(warehouse: connection, resource: data.resource).sameFacts(as: old))
    }
  }

  @Test func `a value with more decimal places than described is rejected with its location, not rounded`() throws {
    let data = try SampleDataset.real().replacing("11.45,10.23", "11.455,10.23")
    try withSQLite { (database) throws in
      let error = #expect(throws: WarehouseError.self) { try StarSchemaLoader.run(data.rows, into: database) }
      #expect(error?.kind == .data)
      #expect(error?.message == "test.csv:2: ucan_arpu: 11.455 is not a number of 2 decimal places within 64 bits")
    }
    try withPostgres { (connection) throws in
      let error = #expect(throws: WarehouseError.self) { try StarSchemaLoader.run(data.rows, into: connection) }
      #expect(error?.message == "2019-03-31: ucan_arpu: 11.455 has more than 2 decimal places")
    }
  }

  @Test func `a row without a date is rejected with its location, in both databases and from the landed rows`() throws {
    let monthly = try SampleDataset.monthly(replacing: #""primaryKey": "Month","#, "")
    let data = SampleDataset(resource: monthly.resource, csv: monthly.csv + "-,1,2,3\n")
    let error = WarehouseError(.data, "test.csv:6: a row without a date")
    let landed = WarehouseError(.data, "a landed row without a date")
    try withSQLite { (database) throws in
      #expect(throws: error) { try StarSchemaLoader.run(data.rows, into: database) }
    }
    try withPostgres { (connection) throws in
      #expect(throws: error) { try StarSchemaLoader.run(data.rows, into: connection) }
      try landRows(data, connection, table: "sales_raw")
      #expect(throws: landed) { try StarSchemaLoader.run(landedIn: connection, table: "sales_raw", resource: data.resource) }
      #expect(throws: WarehouseError(.data, "a fact without a date of the years 1 to 9999 or a region")) {
        try Snapshot(landedIn: connection, table: "sales_raw", resource: data.resource)
      }
      try withSQLite { (database) throws in
        #expect(throws: landed) {
          try StarSchemaLoader.run(landedIn: connection, table: "sales_raw", resource: data.resource, into: database)
        }
      }
    }
  }

  @Test(arguments: ["infinity", "0044-03-15 BC", "20000-03-31"])
  func `a landed date outside the years 1 to 9999 is reported by every reader of the landed rows`(date: String) throws {
    let data = try SampleDataset.monthly()
    try withPostgres { (connection) throws in
      try landRows(data, connection, table: "sales_raw")
      let column = data.resource.fields[0].column
      try connection.execute(
        "UPDATE sales_raw SET \(column) = '\(date)' WHERE \(column) = (SELECT min(\(column)) FROM sales_raw)")
      let text = "sales_raw: \"\(column)\" is \(date), which is outside the years 1 to 9999"
      func check(_ error: WarehouseError?) {
        #expect(error?.kind == .data && error?.message.hasSuffix(text) == true, "\(String(describing: error))")
      }
      check(
        #expect(throws: WarehouseError.self) {
          try StarSchemaLoader.run(landedIn: connection, table: "sales_raw", resource: data.resource)
        })
      check(#expect(throws: WarehouseError.self) { try Snapshot(landedIn: connection, table: "sales_raw", resource: data.resource) })
      try withSQLite { (database) throws in
        check(
          #expect(throws: WarehouseError.self) {
            try StarSchemaLoader.run(landedIn: connection, table: "sales_raw", resource: data.resource, into: database)
          })
      }
    }
  }

  @Test func `tables of the same names that are somebody else's are left alone`() throws {
    let data = try SampleDataset.real()
    try withSQLite { (database) throws in
      try database.execute("CREATE TABLE dim_date (mine TEXT)")
      let error = #expect(throws: WarehouseError.self) { try StarSchemaLoader.run(data.rows, into: database) }
      #expect(error?.kind == .layout && error?.message == #"table "dim_date" exists but was not created by netflix etl"#)
      #expect(try database.query("SELECT name FROM sqlite_schema") == [["dim_date"]])
    }
    try withPostgres { (connection) throws in
      try connection.execute("CREATE TABLE fact_revenue_subscribers (mine text)")
      let error = #expect(throws: WarehouseError.self) { try StarSchemaLoader.run(data.rows, into: connection) }
      #expect(error?.kind == .layout && error?.message == #"table "fact_revenue_subscribers" exists but was not created by netflix etl"#)
      #expect(try connection.query("SELECT to_regclass('dim_date')").firstValue == nil)
    }
  }

  @Test func `the warehouse of another dataset is left alone`() throws {
    let data = try SampleDataset.real()
    let monthly = try SampleDataset.monthly()
    func expect(_ error: (any Error)?, _ text: String) {
      let error = error as? WarehouseError
      #expect(error?.kind == .layout && error?.message == text)
    }
    let belongs = #"the warehouse there belongs to the dataset "netflix", not to "shop-sales""#
    try withSQLite { (database) throws in
      try StarSchemaLoader.run(data.rows, into: database)
      let before = try dump(database)
      expect(#expect(throws: WarehouseError.self) { try StarSchemaLoader.run(monthly.rows, into: database) }, belongs)
      #expect(try dump(database) == before)
      // An extended description of the same dataset is not another one.
      try StarSchemaLoader.run(data.rows, into: database)
      expect(
        #expect(throws: WarehouseError.self) { try Snapshot(warehouse: database, resource: monthly.resource) },
        #"the warehouse in \#(database.file) belongs to the dataset "netflix", not to "shop-sales""#)
    }
    try withPostgres { (connection) throws in
      try StarSchemaLoader.run(data.rows, into: connection)
      let facts = "SELECT xmin, * FROM fact_revenue_subscribers ORDER BY date_id, region_id"
      let before = try connection.query(facts).rows
      expect(#expect(throws: WarehouseError.self) { try StarSchemaLoader.run(monthly.rows, into: connection) }, belongs)
      #expect(try connection.query(facts).rows == before)
      try StarSchemaLoader.run(data.rows, into: connection)
    }
  }

  @Test func `a warehouse is replaced by another dataset's where that is asked for, and then reading the first one says so`() throws {
    let data = try SampleDataset.real()
    let monthly = try SampleDataset.monthly()
    try withSQLite { (database) throws in
      try StarSchemaLoader.run(data.rows, into: database)
      try StarSchemaLoader.run(monthly.rows, into: database, replacesOther: true)
      #expect(
        try database.query("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name").map { $0[0] }
          == ["dim_date", "dim_region", "etl_source", "fact_sales", "v_sales", "v_wide"])
      let error = #expect(throws: WarehouseError.self) { try Snapshot(warehouse: database, resource: data.resource) }
      #expect(error?.kind == .layout)
    }
    try withPostgres { (connection) throws in
      let missing = #expect(throws: WarehouseError.self) { try Snapshot(warehouse: connection, resource: data.resource) }
      #expect(missing?.kind == .missing)
      try StarSchemaLoader.run(data.rows, into: connection)
      try StarSchemaLoader.run(monthly.rows, into: connection, replacesOther: true)
      #expect(try connection.query("SELECT to_regclass('fact_revenue_subscribers')").firstValue == nil)
      #expect(try Snapshot(warehouse: connection, resource: monthly.resource).sameFacts(as: try monthly.snapshot()))
    }
  }
}

import Dataset
import Postgres
import Testing
import Warehouse

/// A star has one row per date: if there were several, all but one would be lost.
@Suite struct OneRowPerDateTests {
  /// Monthly data with other keys and constraints.
  private func data(key: String, month: String = "", csv: String? = nil) throws -> SampleDataset {
    let description = """
      {"name": "shops", "resources": [{"name": "sales", "path": "sales.csv", "table": "sales_raw", "schema": {
        \(key.isEmpty ? "" : "\"primaryKey\": \(key),")
        "fields": [{"name": "Month", "type": "date", "column": "month"\(month)}, {"name": "Store", "type": "string", "column": "store"},
          {"name": "Till", "type": "integer", "column": "till"}, {"name": "Sales", "type": "number", "column": "all_sales", "decimals": 2}]},
        "star": {"fact": "fact_sales", "date": "month", "period": "month", "metrics": [{"name": "sales", "kind": "flow"}],
          "regions": [{"name": "all", "total": true, "columns": {"sales": "all_sales"}}]}}]}
      """
    let package = try DataPackage(json: Array(description.utf8), file: "sales.json")
    return SampleDataset(resource: try package.resource(named: nil, forCSV: nil), csv: csv ?? Self.csv)
  }

  private static let header = "Month,Store,Till,Sales\n"
  private static let single = header + "2024-01-31,north,1,360.00\n2024-02-29,north,1,300.00\n"
  private static let csv = single + "2024-01-31,south,1,858.60\n"

  /// Expects the error in every way of loading a star; a loader that reads the CSV adds the line at fault.
  private func expect(_ error: WarehouseError, atLine line: Int? = nil, _ data: SampleDataset) throws {
    let csv = line.map { WarehouseError(error.kind, "test.csv:\($0): \(error.message)", hint: error.hint) } ?? error
    #expect(throws: error) { try data.snapshot() }
    try withSQLite { (database) throws in
      #expect(throws: csv) { try StarSchemaLoader.run(data.rows, into: database) }
    }
    try withPostgres { (connection) throws in
      #expect(throws: csv) { try StarSchemaLoader.run(data.rows, into: connection) }
      try landRows(data, connection, table: "sales_raw")
      #expect(throws: error) { try StarSchemaLoader.run(landedIn: connection, table: "sales_raw", resource: data.resource) }
      #expect(throws: error) { try Snapshot(landedIn: connection, table: "sales_raw", resource: data.resource) }
      try withSQLite { (database) throws in
        #expect(throws: error) {
          try StarSchemaLoader.run(landedIn: connection, table: "sales_raw", resource: data.resource, into: database)
        }
      }
    }
  }

  @Test(arguments: [
    (#"["Month", "Store"]"#, "store"), (#"["Month", "Store", "Till"]"#, "store, till"), (#"["Store", "Month"]"#, "store"),
  ]) func `a key with more columns than the date is rejected, with its other columns`(key: String, extra: String) throws {
    try expect(
      WarehouseError(
        .layout, "the star has one row per month, but the key has more columns: \(extra)",
        hint: "make a CSV with one row per month (the sum over \(extra), or a column for each), or remove \"star\""),
      try data(key: key))
  }

  @Test func `without a key, two rows of one date are rejected with the date`() throws {
    try expect(
      WarehouseError(
        .layout, "2024-01-31 is in several rows, and the star has one row per month",
        hint: "make a CSV with one row per month, or, if a later row replaces an earlier one, add \"primaryKey\": \"Month\""),
      atLine: 4, try data(key: ""))
  }

  @Test func `if a constraint makes the date unique, two rows of one date are bad data`() throws {
    try expect(
      WarehouseError(.data, "2024-01-31 is in several rows, but month must be unique"),
      atLine: 4, try data(key: #"["Month", "Store"]"#, month: #", "constraints": {"unique": true}"#))
  }

  @Test(arguments: [("", ""), (#"["Month", "Store"]"#, #", "constraints": {"unique": true}"#), (#""Month""#, "")])
  func `one row per date is a star, regardless of the key`(key: String, month: String) throws {
    let data = try data(key: key, month: month, csv: Self.single)
    let snapshot = try data.snapshot()
    #expect(snapshot.series(region: "all", metric: "sales")?.points.map { $0.value?.text } == ["360.00", "300.00"])
    try withPostgres { (connection) throws in
      try landRows(data, connection, table: "sales_raw")
      #expect(try StarSchemaLoader.run(landedIn: connection, table: "sales_raw", resource: data.resource).facts == 2)
    }
  }

  @Test func `without a key, rows that were published twice count once`() throws {
    let data = try data(key: "", csv: Self.single)
    try withPostgres { (connection) throws in
      try landRows(data, connection, table: "sales_raw")
      try connection.execute("INSERT INTO sales_raw SELECT month, store, till, all_sales, 'sales', 0, 7, now() FROM sales_raw")
      #expect(try Snapshot(landedIn: connection, table: "sales_raw", resource: data.resource).sameFacts(as: data.snapshot()))
    }
  }
}

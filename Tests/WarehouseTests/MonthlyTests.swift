import Dataset
import Postgres
import Testing
import Warehouse

/// A second dataset: monthly dates, other regions, one metric with three decimal places, and a gap in a region.
@Suite struct MonthlyTests {
  @Test func `it is loaded into SQLite with its decimal places and its NULL`() throws {
    let data = try SampleDataset.monthly()
    try withSQLite { (database) throws in
      try StarSchemaLoader.run(data.rows, into: database)
      #expect(
        try database.query("SELECT * FROM v_sales") == [
          ["2024-01-31", "2024-01", "2024", "1", "1", "250.500", "100.250", "150.250"],
          ["2024-02-29", "2024-02", "2024", "1", "2", "300.000", "120.125", "179.875"],
          ["2024-03-31", "2024-03", "2024", "1", "3", "310.750", nil, "190.000"],
          ["2024-04-30", "2024-04", "2024", "2", "4", "-20.000", "-30.005", "10.005"],
        ])
      #expect(
        try database.query("SELECT sales_thousandths FROM fact_sales WHERE date_id = 20240430") == [["-20000"], ["-30005"], ["10005"]])
      #expect(
        try database.query("SELECT first_day, last_day FROM dim_date WHERE date_id = 20240229") == [["2024-02-01", "2024-02-29"]])
      #expect(try Snapshot(warehouse: database, resource: data.resource).sameFacts(as: try data.snapshot()))
    }
  }

  @Test func `it is loaded into Postgres, with the same results`() throws {
    let data = try SampleDataset.monthly()
    try withPostgres { (connection) throws in
      try StarSchemaLoader.run(data.rows, into: connection)
      #expect(
        try connection.query("SELECT * FROM v_sales ORDER BY date").rows == [
          ["2024-01-31", "2024-01", "2024", "1", "1", "250.500", "100.250", "150.250"],
          ["2024-02-29", "2024-02", "2024", "1", "2", "300.000", "120.125", "179.875"],
          ["2024-03-31", "2024-03", "2024", "1", "3", "310.750", nil, "190.000"],
          ["2024-04-30", "2024-04", "2024", "2", "4", "-20.000", "-30.005", "10.005"],
        ])
      #expect(
        try connection.query("SELECT first_day, last_day FROM dim_date WHERE date_id = 20240229").rows == [["2024-02-01", "2024-02-29"]])
      #expect(try Snapshot(warehouse: connection, resource: data.resource).sameFacts(as: try data.snapshot()))
    }
  }

  @Test func `with the date as the key the last landed row of a date counts, even in a table without an index`() throws {
    let data = try SampleDataset.monthly()
    let snapshot = try data.snapshot()
    try withPostgres { (connection) throws in
      try landRows(data, connection, table: "sales_raw")
      try connection.execute(
        """
        ALTER TABLE sales_raw DROP CONSTRAINT sales_raw_pkey;
        INSERT INTO sales_raw SELECT month, 1, 2, 3, 'sales', 0, kafka_offset, landed_at - interval '1 day' FROM sales_raw
        """)
      #expect(try Snapshot(landedIn: connection, table: "sales_raw", resource: data.resource).sameFacts(as: snapshot))
      try StarSchemaLoader.run(landedIn: connection, table: "sales_raw", resource: data.resource)
      #expect(try Snapshot(warehouse: connection, resource: data.resource).sameFacts(as: snapshot))
      try withSQLite { (file) throws in
        try StarSchemaLoader.run(landedIn: connection, table: "sales_raw", resource: data.resource, into: file)
        #expect(try Snapshot(warehouse: file, resource: data.resource).sameFacts(as: snapshot))
      }
    }
  }

  @Test func `its rules are checked`() throws {
    let data = try SampleDataset.monthly()
    let snapshot = try data.snapshot()
    let report = QualityReport(resource: data.resource, snapshot: snapshot, provenance: snapshot.provenance)
    #expect(report.findings.isEmpty)
    // March has no value for the north: no sum.
    #expect(report.rules.first { $0.rule == "adds-up" }?.checked == 3)
  }
}

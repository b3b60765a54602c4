import Dataset
import Postgres
import SQLite
import TestSupport
import Foundation
import Testing
import Warehouse

@Suite struct StarSchemaLoaderTests {
  @Test func `the CSV's 21 quarters become 105 facts in SQLite`() throws {
    let data = try SampleDataset.real()
    try withSQLite { (database) throws in
      let outcome = try StarSchemaLoader.run(data.rows, into: database)
      #expect(
        [outcome.provenance.rows, outcome.superseded, outcome.dates, outcome.regions, outcome.facts] == [21, 0, 21, 5, 105] as [Int])
      #expect(
        try database.query("SELECT * FROM dim_date WHERE date_id = 20190331")
          == [["20190331", "2019-03-31", "2019", "1", "3", "Q1 2019", "2019-01-01", "2019-03-31"]])
      #expect(
        try database.query("SELECT * FROM fact_revenue_subscribers WHERE date_id = 20190331") == [
          ["20190331", "1", "4520992000", "148863000", nil], ["20190331", "2", "2256851000", "66633000", "1145"],
          ["20190331", "3", "1233379000", "42542000", "1023"], ["20190331", "4", "630472000", "27547000", "784"],
          ["20190331", "5", "319602000", "12141000", "937"],
        ])
      #expect(
        try database.query("SELECT * FROM v_arpu WHERE year = 2019 AND quarter = 3")
          == [["2019-09-30", "Q3 2019", "2019", "3", "9", "13.08", "10.40", "8.63", "9.29"]])
      #expect(try database.query("PRAGMA foreign_key_check").isEmpty)
      #expect(try database.query("PRAGMA integrity_check") == [["ok"]])
    }
  }

  @Test func `the CSV becomes the same facts in Postgres, with exact types and foreign keys`() throws {
    let data = try SampleDataset.real()
    try withPostgres { (connection) throws in
      let outcome = try StarSchemaLoader.run(data.rows, into: connection)
      #expect(outcome.facts == 105)
      #expect(
        try connection.query("SELECT * FROM v_wide WHERE date = '2019-09-30' AND region = 'EMEA'").rows == [
          [
            "2019-09-30", "Q3 2019", "2019", "3", "9", "2019-07-01", "2019-09-30", "EMEA", "Europe, Middle East and Africa", "f",
            "1428040000",
            "47355000", "10.40",
          ]
        ])
      #expect(
        try connection.query("SELECT * FROM v_revenue WHERE date = '2024-03-31'").rows
          == [["2024-03-31", "Q1 2024", "2024", "1", "3", "9370440000", "4224315000", "2958153000", "1165008000", "1022924000"]])
      #expect(
        try connection.query(
          "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'fact_revenue_subscribers' ORDER BY ordinal_position"
        ).rows == [
          ["date_id", "integer"], ["region_id", "smallint"], ["revenue", "bigint"], ["memberships", "bigint"], ["arpu", "numeric"],
        ])
      #expect(
        try connection.query(
          "SELECT contype, count(*) FROM pg_constraint WHERE conrelid = 'fact_revenue_subscribers'::regclass GROUP BY 1 ORDER BY 1"
        ).rows.map { $0[0] } == ["f", "p"])
    }
  }

  @Test func `totals of the warehouse equal the CSV's, integers and decimals`() throws {
    let data = try SampleDataset.real()
    // Summed from the CSV's text, independently of the product's code.
    var revenue: Int64 = 0
    var members: Int64 = 0
    var cents: Int64 = 0
    for line in data.csv.split(separator: "\n").dropFirst() {
      let cells = line.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: ",", omittingEmptySubsequences: false)
      revenue += cells[1...5].compactMap { Int64($0) }.reduce(0, +)
      members += cells[6...9].compactMap { Int64($0) }.reduce(0, +) + (Int64(cells[14]) ?? 0)
      for cell in cells[10...13] {
        let parts = cell.split(separator: ".")
        let places = parts.count > 1 ? String(parts[1]) + (parts[1].count == 1 ? "0" : "") : "00"
        cents += (Int64(parts[0] + places) ?? 0)
      }
    }
    try withSQLite { (database) throws in
      try StarSchemaLoader.run(data.rows, into: database)
      #expect(
        try database.query("SELECT sum(revenue), sum(memberships), sum(arpu_cents) FROM fact_revenue_subscribers")
          == [[String(revenue), String(members), String(cents)]])
    }
    try withPostgres { (connection) throws in
      try StarSchemaLoader.run(data.rows, into: connection)
      #expect(
        try connection.query("SELECT sum(revenue), sum(memberships), (sum(arpu) * 100)::bigint FROM fact_revenue_subscribers").rows
          == [[String(revenue), String(members), String(cents)]])
    }
  }

  @Test func `from CSV, SQLite, Postgres and landed rows the snapshots are the same`() throws {
    let data = try SampleDataset.real()
    let fromCSV = try data.snapshot()
    try withPostgres { (connection) throws in
      try landRows(data, connection)
      let landed = try Snapshot(landedIn: connection, table: "netflix_raw", resource: data.resource)
      #expect(landed.sameFacts(as: fromCSV))
      #expect(landed.provenance.rows == 21)
      try StarSchemaLoader.run(landedIn: connection, table: "netflix_raw", resource: data.resource)
      let warehouse = try Snapshot(warehouse: connection, resource: data.resource)
      #expect(warehouse.sameFacts(as: fromCSV))
      #expect(warehouse.provenance.kind == .landed)
      try withSQLite { (database) throws in
        try StarSchemaLoader.run(landedIn: connection, table: "netflix_raw", resource: data.resource, into: database)
        let file = try Snapshot(warehouse: database, resource: data.resource)
        #expect(file.sameFacts(as: fromCSV))
        #expect(file.series(region: "EMEA", metric: "arpu")?.points.last?.value?.text == "10.92")
        #expect(file.series(region: "Global", metric: "arpu") == nil)
      }
    }
  }
}

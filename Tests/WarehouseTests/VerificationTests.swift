import Dataset
import Postgres
import Testing
import Warehouse

@Suite struct VerificationTests {
  private func verify(
    _ csv: SampleDataset, landed: SampleDataset, limit: Int = 100, _ change: (PostgresConnection) throws -> Void = { _ in }
  ) throws
    -> Verification
  {
    try withPostgres { (connection) throws in
      try landRows(landed, connection, table: landed.resource.table)
      try change(connection)
      return try Verification(csv.rows, against: csv.resource.table, in: connection, limit: limit)
    }
  }

  @Test func `a landed CSV has no differences`() throws {
    let data = try SampleDataset.real()
    let verification = try verify(data, landed: data)
    #expect(verification.holds)
    #expect(verification.lines == ["test.csv: 21 rows, all as in netflix_raw"])
    #expect(
      verification.json.line
        == #"{"csv":"test.csv","table":"netflix_raw","rows":21,"superseded":0,"landed":21,"equal":true,"differences":0,"first":[]}"#)
  }

  @Test func `different digits of the same value are not a difference`() throws {
    let data = try SampleDataset.real()
    let verification = try verify(data, landed: data) { connection in
      try connection.execute("UPDATE netflix_raw SET ucan_arpu = 16.000 WHERE date = '2023-06-30'")
    }
    #expect(verification.holds)
  }

  /// What reads the rows sees them as a SELECT does: rows that somebody moved to an archive have still landed.
  @Test func `rows of a table that inherits from the landed one are rows of it`() throws {
    let data = try SampleDataset.real()
    let verification = try verify(data, landed: data) { connection in
      try connection.execute(
        """
        CREATE TABLE archive () INHERITS (netflix_raw);
        WITH moved AS (DELETE FROM netflix_raw WHERE date < '2020-01-01' RETURNING *) INSERT INTO archive SELECT * FROM moved
        """)
    }
    #expect(verification.holds)
  }

  @Test func `a cell, a missing and an extra row are reported with key, line and both values`() throws {
    let data = try SampleDataset.real()
    let verification = try verify(data, landed: data) { connection in
      try connection.execute(
        """
        UPDATE netflix_raw SET ucan_revenue = 1, emea_arpu = NULL WHERE date = '2019-03-31';
        DELETE FROM netflix_raw WHERE date = '2020-06-30';
        UPDATE netflix_raw SET date = '2030-01-01' WHERE date = '2024-03-31'
        """)
    }
    #expect(
      verification.lines == [
        "2019-03-31 (line 2): ucan_revenue is 2256851000 in the CSV, 1 in the table",
        "2019-03-31 (line 2): emea_arpu is 10.23 in the CSV, NULL in the table", "2020-06-30 (line 7): has not landed",
        "2024-03-31 (line 22): has not landed", "2030-01-01: landed, but is not in the CSV", "",
        "test.csv: 21 rows, 20 in netflix_raw: 5 differences",
      ])
    #expect(
      verification.json.line.hasSuffix(
        #""first":[{"kind":"cell","key":"2019-03-31","line":2,"column":"ucan_revenue","csv":"2256851000","landed":"1"},"#
          + #"{"kind":"cell","key":"2019-03-31","line":2,"column":"emea_arpu","csv":"10.23","landed":null},"#
          + #"{"kind":"missing","key":"2020-06-30","line":7},{"kind":"missing","key":"2024-03-31","line":22},"#
          + #"{"kind":"extra","key":"2030-01-01"}]}"#))
  }

  @Test func `differences are listed up to the limit, and all are counted`() throws {
    let data = try SampleDataset.real()
    let verification = try verify(data, landed: data, limit: 2) { try $0.execute("UPDATE netflix_raw SET apac_members = 0") }
    #expect(verification.differenceCount == 21)
    #expect(verification.differences.count == 2)
    #expect(verification.lines.dropFirst(2).first == "… and 19 more")
  }

  @Test func `the last of two rows of one key counts`() throws {
    let data = try SampleDataset.real()
    let twice = SampleDataset(
      resource: data.resource, csv: data.csv + String(data.csv.split(separator: "\n")[1]).replacingOccurrences("4520992000", "7") + "\n")
    let verification = try verify(twice, landed: data) {
      try $0.execute("UPDATE netflix_raw SET global_revenue = 7 WHERE date = '2019-03-31'")
    }
    #expect(verification.lines == ["test.csv: 22 rows (1 replaced by a later row of the same key), all as in netflix_raw"])
  }

  @Test func `without a key the occurrences of each row are counted`() throws {
    var data = try SampleDataset.monthly()
    data.resource = Resource(name: "sales", path: "sales.csv", fields: data.resource.fields, table: "sales_raw")
    #expect(try verify(data, landed: data).holds)
    let verification = try verify(data, landed: data) {
      try $0.execute("INSERT INTO sales_raw SELECT * FROM sales_raw WHERE month = '2024-03-31'")
    }
    #expect(verification.lines.first == "2024-03-31, 310.75, , 190: 1 in the CSV, 2 in the table")
  }

  @Test func `a key with several landed rows is a difference, even if all of them are equal`() throws {
    let data = try SampleDataset.real()
    let verification = try verify(data, landed: data) {
      try $0.execute(
        """
        ALTER TABLE netflix_raw DROP CONSTRAINT netflix_raw_pkey;
        INSERT INTO netflix_raw SELECT * FROM netflix_raw WHERE date < '2019-07-01';
        INSERT INTO netflix_raw SELECT * FROM netflix_raw WHERE date = '2019-03-31';
        UPDATE netflix_raw SET ucan_revenue = 1 WHERE ctid = (SELECT max(ctid) FROM netflix_raw WHERE date = '2019-06-30')
        """)
    }
    #expect(
      verification.lines == [
        "2019-03-31: 1 in the CSV, 4 in the table", "2019-06-30: 1 in the CSV, 2 in the table",
        "2019-06-30 (line 3): ucan_revenue is 2501199000 in the CSV, 1 in the table", "",
        "test.csv: 21 rows, 25 in netflix_raw: 3 differences",
      ])
  }

  @Test func `duplicate rows on both sides are equal without a key, and a difference with a key`() throws {
    var data = try SampleDataset.monthly()
    let twice = SampleDataset(
      resource: data.resource, csv: data.csv + data.csv.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n")
    let double = "INSERT INTO sales_raw SELECT * FROM sales_raw"
    let keyed = try verify(twice, landed: data) {
      try $0.execute("ALTER TABLE sales_raw DROP CONSTRAINT sales_raw_pkey; \(double)")
    }
    #expect(keyed.differenceCount == 4 && keyed.superseded == 4)
    data.resource = Resource(name: "sales", path: "sales.csv", fields: data.resource.fields, table: "sales_raw")
    let keyless = SampleDataset(resource: data.resource, csv: twice.csv)
    #expect(try verify(keyless, landed: keyless).holds)
    let more = try verify(keyless, landed: data)
    #expect(more.differenceCount == 4 && more.lines.first == "2024-01-31, 250.5, 100.25, 150.25: 2 in the CSV, 1 in the table")
  }

  @Test func `a landed row of NULLs is a difference`() throws {
    let data = try SampleDataset.real()
    let verification = try verify(data, landed: data) {
      try $0.execute(
        """
        ALTER TABLE netflix_raw DROP CONSTRAINT netflix_raw_pkey; ALTER TABLE netflix_raw ALTER date DROP NOT NULL;
        INSERT INTO netflix_raw (kafka_offset) VALUES (99)
        """)
    }
    #expect(verification.differences == [.extra(key: "")])
  }

  @Test func `a value that the table's column rounds is a difference`() throws {
    let data = try SampleDataset.monthly()
    let verification = try verify(data, landed: data) { try $0.execute("ALTER TABLE sales_raw ALTER all_sales TYPE numeric(10, 1)") }
    #expect(
      verification.lines.dropLast(2) == [
        "2024-03-31 (line 4): all_sales is 310.75 in the CSV, 310.8 in the table"
      ])
  }

  @Test func `a table without a described column is rejected with the column's name`() throws {
    let data = try SampleDataset.real()
    let error = #expect(throws: WarehouseError.self) {
      try verify(data, landed: data) { try $0.execute("ALTER TABLE netflix_raw DROP COLUMN apac_arpu") }
    }
    #expect(error?.kind == .layout && error?.message == "table netflix_raw has no column apac_arpu")
  }

  @Test func `a rejected record is a difference`() throws {
    let data = try SampleDataset.real()
    let broken = data.replacing("31-12-2019", "31-02-2019")
    var bad: [RejectedRow] = []
    let rows = CSVRows(resource: data.resource, file: "test.csv", read: reader(broken.csv), onReject: { bad.append($0) })
    try withPostgres { (connection) throws in
      try landRows(data, connection)
      let verification = try Verification(rows, rejected: { bad }, against: "netflix_raw", in: connection)
      #expect(verification.differences.count == 2)
      #expect(verification.lines.first?.hasPrefix("line 5, column 1: not a valid row:") == true)
      #expect(verification.lines.dropFirst().first == "2019-12-31: landed, but is not in the CSV")
    }
  }

  @Test func `a missing table is reported with a hint`() throws {
    let data = try SampleDataset.real()
    try withPostgres { (connection) throws in
      let error = #expect(throws: WarehouseError.self) { try Verification(data.rows, against: "netflix_raw", in: connection) }
      #expect(error?.kind == .missing)
      #expect(error?.hint == "land rows first: netflix-consumer --exit-at-end")
    }
  }
}

extension String {
  fileprivate func replacingOccurrences(_ old: String, _ new: String) -> String { replacing(old, with: new) }
}

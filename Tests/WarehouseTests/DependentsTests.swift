import Dataset
import Postgres
import SQLite
import Support
import Testing
import Warehouse

/// Objects that users create on top of the warehouse are not dropped silently, and an error reports those that block a change.
@Suite("Reports, indexes, foreign keys and grants on the warehouse") struct DependentsTests {
  /// Monthly data of two regions and one metric, with variations.
  private func data(regions: [String] = ["A", "B"], metric: String = "sales", decimals: Int = 2, months: Int = 3) throws -> SampleDataset {
    let fields = regions.map { #"{"name": "\#($0)", "type": "number", "column": "r_\#($0)", "decimals": \#(decimals)}"# }
    let description = """
      {"resources": [{"name": "shops", "path": "shops.csv", "schema": {"primaryKey": "Day", "fields": [{"name": "Day", "type": "date"},
      \(fields.joined(separator: ", "))]}, "star": {"fact": "fact_shops", "date": "day", "period": "month",
      "metrics": [{"name": "\(metric)", "kind": "flow"}],
      "regions": [\(regions.map { #"{"name": "\#($0)", "columns": {"\#(metric)": "r_\#($0)"}}"# }.joined(separator: ", "))]}}]}
      """
    let package = try DataPackage(json: Array(description.utf8), file: "shops.json")
    let rows = (1...months).map { month in "2024-0\(month)-28" + regions.indices.map { ",\(month)\($0).5" }.joined() + "\n" }
    return SampleDataset(
      resource: try package.resource(named: nil, forCSV: nil), csv: (["Day"] + regions).joined(separator: ",") + "\n" + rows.joined())
  }

  private static let report = "CREATE VIEW my_report AS SELECT region, sum(sales) FROM v_wide GROUP BY region"

  private func report(_ connection: PostgresConnection) throws -> [[String?]] {
    try connection.query("SELECT * FROM my_report ORDER BY 1").rows
  }

  /// Runs the statements of the hint.
  private func follow(_ error: WarehouseError?, _ run: (String) throws -> Void) throws {
    let hint = try #require(error?.hint)
    let statements = try #require(hint.split(separator: ": ").last).split(separator: ";").map { $0.drop { $0 == " " } }
    #expect(!statements.isEmpty)
    for statement in statements { try run(String(statement)) }
  }

  @Test func `adding, removing, renaming or reordering regions keeps a report on v_wide`() throws {
    let changes = [["A", "B", "C"], ["A"], ["A", "Z"], ["B", "A"], ["C", "B", "A"], ["A", "B"]]
    try withPostgres { (connection) throws in
      try StarSchemaLoader.run(data().rows, into: connection)
      try connection.execute("\(Self.report); CREATE INDEX mine ON fact_shops (sales)")
      try connection.execute("CREATE TABLE notes (date_id integer REFERENCES dim_date); INSERT INTO notes VALUES (20240228)")
      for regions in changes {
        let changed = try data(regions: regions)
        try StarSchemaLoader.run(changed.rows, into: connection)
        #expect(try Snapshot(warehouse: connection, resource: changed.resource).sameFacts(as: changed.snapshot()), "\(regions)")
        let sums = regions.enumerated().map { [$1, "\(60 + 3 * $0 + 1).50"] as [String?] }.sorted { ($0[0] ?? "") < ($1[0] ?? "") }
        #expect(try report(connection) == sums)
        #expect(
          try connection.query("SELECT attname FROM pg_attribute WHERE attrelid = 'v_sales'::regclass AND attnum > 5 ORDER BY attnum").rows
            == regions.map { [$0] })
        #expect(try connection.query("SELECT to_regclass('mine')").firstValue == "mine")
      }
    }
  }

  @Test func `a view on a renamed region is reported, and the advised DROP helps`() throws {
    try withPostgres { (connection) throws in
      let old = try data()
      try StarSchemaLoader.run(old.rows, into: connection)
      try connection.execute(
        """
        \(Self.report); CREATE SCHEMA "my schema"; CREATE VIEW "my schema"."of B" AS SELECT date, "B" FROM v_sales;
        CREATE MATERIALIZED VIEW of_b AS SELECT "B" FROM "my schema"."of B"
        """)
      // The view keeps its columns if new ones are appended at the end.
      try StarSchemaLoader.run(data(regions: ["A", "B", "C"]).rows, into: connection)
      let changed = try data(regions: ["A", "Z", "C"])
      let error = #expect(throws: WarehouseError.self) { try StarSchemaLoader.run(changed.rows, into: connection) }
      #expect(
        error
          == WarehouseError(
            .layout,
            #"the warehouse must be recreated, but other objects depend on it: materialized view public.of_b, view "my schema"."of B""#,
            hint: "save the definitions, drop the objects, run this again, and recreate them: "
              + #"DROP MATERIALIZED VIEW public.of_b; DROP VIEW "my schema"."of B";"#))
      #expect(try report(connection).map { $0[0] } == ["A", "B", "C"])
      try follow(error) { try connection.execute($0) }
      try StarSchemaLoader.run(changed.rows, into: connection)
      #expect(try report(connection).map { $0[0] } == ["A", "C", "Z"])
    }
  }

  @Test(arguments: ["turnover", "sales"]) func `for a metric that is renamed or has other decimals, all dependents are reported`(
    metric: String
  ) throws {
    let changed = try data(metric: metric, decimals: 3)
    try withPostgres { (connection) throws in
      try StarSchemaLoader.run(data().rows, into: connection)
      try connection.execute(
        """
        \(Self.report);
        CREATE VIEW above AS SELECT * FROM my_report;
        CREATE MATERIALIZED VIEW facts AS SELECT sum(sales) FROM fact_shops;
        CREATE INDEX mine ON fact_shops (sales);
        CREATE TABLE notes (date_id integer REFERENCES dim_date, note text);
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER touched BEFORE INSERT ON fact_shops FOR EACH ROW EXECUTE FUNCTION touch();
        CREATE FUNCTION first(f fact_shops) RETURNS integer LANGUAGE sql AS 'SELECT f.date_id'
        """)
      let error = #expect(throws: WarehouseError.self) { try StarSchemaLoader.run(changed.rows, into: connection) }
      #expect(error?.kind == .layout)
      let named = Set(error?.message.split(separator: ": ").last?.components(", ") ?? [])
      #expect(
        named == [
          "view public.above", "view public.my_report", "materialized view public.facts", "index public.mine",
          "table constraint notes_date_id_fkey on public.notes", "trigger touched on public.fact_shops",
          "function public.first(public.fact_shops)",
        ])
      #expect(try report(connection).count == 2)
      try follow(error) { try connection.execute($0) }
      try StarSchemaLoader.run(changed.rows, into: connection)
      #expect(try Snapshot(warehouse: connection, resource: changed.resource).sameFacts(as: changed.snapshot()))
      #expect(try connection.query("SELECT to_regclass('notes')").firstValue == "notes")
    }
  }

  @Test func `grants are kept when tables and views are recreated`() throws {
    try withPostgres { (connection) throws in
      let role = "reader_\(try connection.query("SELECT current_database()").firstValue ?? "")"
      try connection.execute("CREATE ROLE \(role)")
      defer { _ = try? connection.execute("DROP OWNED BY \(role); DROP ROLE \(role)") }
      try StarSchemaLoader.run(data().rows, into: connection)
      try connection.execute(
        """
        GRANT SELECT ON v_wide, v_sales, fact_shops, dim_region TO \(role) WITH GRANT OPTION; GRANT SELECT ON dim_date TO PUBLIC;
        GRANT INSERT ON dim_date TO \(role)
        """)
      let rights = """
        SELECT relname, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, privilege_type, is_grantable
        FROM pg_class, aclexplode(relacl) WHERE grantee <> relowner AND relnamespace = 'public'::regnamespace ORDER BY 1, 2, 3
        """
      let before = try connection.query(rights).rows
      #expect(before.count == 6)
      for changed in [try data(regions: ["B", "A"]), try data(decimals: 3), try data(decimals: 4)] {
        try StarSchemaLoader.run(changed.rows, into: connection)
        #expect(try connection.query(rights).rows == before)
      }
    }
  }

  @Test func `a second run with the same description changes nothing`() throws {
    try withPostgres { (connection) throws in
      try StarSchemaLoader.run(data().rows, into: connection)
      try connection.execute(
        """
        \(Self.report); CREATE INDEX mine ON fact_shops (sales); CREATE MATERIALIZED VIEW facts AS SELECT sum(sales) FROM fact_shops;
        CREATE TABLE notes (date_id integer REFERENCES dim_date); INSERT INTO notes VALUES (20240128)
        """)
      try StarSchemaLoader.run(data(months: 4).rows, into: connection)
      #expect(try report(connection) == [["A", "102.00"], ["B", "106.00"]])
      #expect(try connection.query("SELECT to_regclass('mine')").firstValue == "mine")
    }
  }

  @Test func `a row that a foreign key refers to is reported, and the hint helps`() throws {
    try withPostgres { (connection) throws in
      try StarSchemaLoader.run(data().rows, into: connection)
      try connection.execute(
        "CREATE TABLE notes (date_id integer CONSTRAINT held REFERENCES dim_date); INSERT INTO notes VALUES (20240328)")
      let error = #expect(throws: WarehouseError.self) { try StarSchemaLoader.run(data(months: 2).rows, into: connection) }
      #expect(error?.kind == .layout)
      #expect(error?.message.contains(#"foreign key constraint "held" on table "notes""#) == true)
      #expect(error?.hint == "drop the foreign key, or give it ON DELETE CASCADE")
      try connection.execute(
        "ALTER TABLE notes DROP CONSTRAINT held, ADD CONSTRAINT held FOREIGN KEY (date_id) REFERENCES dim_date ON DELETE CASCADE")
      try StarSchemaLoader.run(data(months: 2).rows, into: connection)
      #expect(try connection.query("SELECT count(*) FROM notes").firstValue == "0")
    }
    try withSQLite { (database) throws in
      try StarSchemaLoader.run(data().rows, into: database)
      try database.execute("CREATE TABLE notes (date_id REFERENCES dim_date); INSERT INTO notes VALUES (20240328)")
      let error = #expect(throws: WarehouseError.self) { try StarSchemaLoader.run(data(months: 2).rows, into: database) }
      #expect(error?.kind == .layout && error?.hint == "drop the foreign key, or give it ON DELETE CASCADE")
    }
  }

  @Test func `in SQLite indexes, triggers and foreign keys are reported, views are kept, and the hint helps`() throws {
    let changed = try data(metric: "turnover")
    try withSQLite { (database) throws in
      try StarSchemaLoader.run(data().rows, into: database)
      try database.execute(
        """
        CREATE VIEW my_report AS SELECT region, count(*) FROM v_wide GROUP BY region; CREATE INDEX "my index" ON fact_shops (sales_cents);
        CREATE TRIGGER touched AFTER INSERT ON fact_shops BEGIN SELECT 1; END
        """)
      try StarSchemaLoader.run(data(regions: ["B", "C", "A"]).rows, into: database)
      #expect(try database.query("SELECT * FROM my_report ORDER BY 1") == [["A", "3"], ["B", "3"], ["C", "3"]])
      #expect(try database.query("SELECT count(*) FROM sqlite_schema WHERE name IN ('my index', 'touched')") == [["2"]])
      let error = #expect(throws: WarehouseError.self) { try StarSchemaLoader.run(changed.rows, into: database) }
      #expect(error?.kind == .layout)
      #expect(error?.message == "the warehouse must be recreated, but other objects depend on it: index my index, trigger touched")
      try follow(error) { try database.execute($0) }
      try database.execute("CREATE TABLE notes (date_id REFERENCES dim_date); INSERT INTO notes VALUES (20240128)")
      let held = #expect(throws: WarehouseError.self) { try StarSchemaLoader.run(changed.rows, into: database) }
      #expect(held?.message == "the warehouse must be recreated, but other objects depend on it: foreign key of notes")
      #expect(held?.hint == "create the warehouse in another file (--sqlite)")
      try withSQLite { (other) throws in _ = try StarSchemaLoader.run(changed.rows, into: other) }
      try database.execute("DROP TABLE notes")
      try StarSchemaLoader.run(changed.rows, into: database)
      #expect(try Snapshot(warehouse: database, resource: changed.resource).sameFacts(as: changed.snapshot()))
      #expect(try database.query("SELECT count(*) FROM my_report") == [["2"]])
    }
  }

  @Test func `hundreds of regions can be loaded into both databases`() throws {
    let data = try data(regions: (1...501).map { "R\($0)" })
    let snapshot = try data.snapshot()
    try withSQLite { (database) throws in
      #expect(try StarSchemaLoader.run(data.rows, into: database).facts == 1503)
      #expect(try Snapshot(warehouse: database, resource: data.resource).sameFacts(as: snapshot))
    }
    try withPostgres { (connection) throws in
      #expect(try StarSchemaLoader.run(data.rows, into: connection).facts == 1503)
      #expect(try Snapshot(warehouse: connection, resource: data.resource).sameFacts(as: snapshot))
    }
  }

  @Test func `your own table with the name of a new view or fact table is kept`() throws {
    try withPostgres { (connection) throws in
      try StarSchemaLoader.run(data().rows, into: connection)
      try connection.execute("CREATE TABLE v_turnover (mine text)")
      let error = #expect(throws: WarehouseError.self) { try StarSchemaLoader.run(data(metric: "turnover").rows, into: connection) }
      #expect(error?.kind == .layout && error?.message == #"table "v_turnover" exists but was not created by netflix etl"#)
      #expect(try connection.query("SELECT count(*) FROM v_wide").firstValue == "6")
    }
  }
}

extension StringProtocol {
  fileprivate func components(_ separator: String) -> [String] { split(separator: separator).map { String($0) } }
}

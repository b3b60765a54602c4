import Foundation
import Postgres
import TestSupport
import Testing

@Suite("netflix etl and export")
struct EtlCommandTests {
  @Test func `loads the CSV into a SQLite file`() throws {
    try WarehouseFixture.with { (fixture) throws in
      #expect(
        try fixture.run("etl", "--json")
          == ProgramResult(
            status: 0,
            output:
              #"{"dataset":"netflix","from":"csv","to":"sqlite","rows":21,"superseded":0,"dates":21,"regions":5,"facts":105,"seconds":0}"#
              + "\n",
            errors: "21 rows of data/netflix_revenue_updated.csv → data/netflix.db: 21 dates, 5 regions, 105 facts\n"))
      let arpu = try fixture.run("export", "v_arpu")
      #expect(arpu.status == 0)
      #expect(
        arpu.output.hasPrefix("date,label,year,quarter,month,UCAN,EMEA,LATM,APAC\n2019-03-31,Q1 2019,2019,1,3,11.45,10.23,7.84,9.37\n"))
      #expect(arpu.output.split(separator: "\n").count == 22)
    }
  }

  @Test func `loads the landed rows into tables of the same database and into a SQLite file`() throws {
    try withDatabase { (url: String) throws in
      try WarehouseFixture.with(database: url) { (fixture) throws in
        try fixture.land()
        #expect(
          try fixture.run("etl", "--from", "postgres", "--to", "postgres")
            == ProgramResult(status: 0, errors: "21 rows of DATABASE netflix_raw → Postgres: 21 dates, 5 regions, 105 facts\n"))
        #expect(
          try fixture.run("etl", "--from", "postgres", "-q")
            == ProgramResult(status: 0))
        // The same facts from both.
        let fact = "fact_revenue_subscribers"
        let sums = "SELECT sum(revenue), sum(memberships), sum(arpu) FROM \(fact)"
        let connection = try PostgresConnection.open(url, applicationName: "tests")
        defer { connection.close() }
        let postgres = try connection.query(sums).rows
        #expect(postgres.count == 1)
        #expect(
          try fixture.run("export", "v_memberships", "--from", "postgres").output == fixture.run("export", "v_memberships").output)
        #expect(try fixture.run("export", "v_revenue", "--from", "postgres").output == fixture.run("export", "v_revenue").output)
        #expect(try fixture.run("export", "v_arpu", "--from", "postgres").output == fixture.run("export", "v_arpu").output)
      }
    }
  }

  @Test func `an export to a file is atomic`() throws {
    try WarehouseFixture.with { (fixture) throws in
      _ = try fixture.run("etl")
      #expect(try fixture.run("export", "dim_region", "--format", "json", "--output", "regions.json") == ProgramResult(status: 0))
      #expect(
        fixture.folder.read("regions.json")?.hasPrefix(#"[\#n{"region_id":1,"region":"Global","title":"Global","is_total":1},"#) == true)
      let wrong = try fixture.run("export", "nowhere", "--output", "nowhere.csv")
      #expect(wrong.status == 66)
      #expect(
        wrong.errors == """
          error: data/netflix.db has no table or view nowhere
            It has dim_date, dim_region, etl_source, fact_revenue_subscribers, v_arpu, v_memberships, v_revenue, v_wide.

          """)
      #expect(fixture.folder.read("nowhere.csv") == nil)
    }
  }

  @Test func `a dependent view on a renamed region ends the run with 78 and the statement that fixes it`() throws {
    try withDatabase { (url: String) throws in
      try WarehouseFixture.with(database: url) { (fixture) throws in
        #expect(try fixture.run("etl", "--to", "postgres").status == 0)
        let connection = try PostgresConnection.open(url, applicationName: "tests")
        defer { connection.close() }
        try connection.execute(
          """
          CREATE VIEW my_report AS SELECT region, sum(revenue) FROM v_wide GROUP BY region;
          CREATE VIEW mine AS SELECT date, "UCAN" FROM v_arpu
          """)
        let description = try #require(fixture.folder.read("data/datapackage.json"))
        try fixture.folder.write("data/datapackage.json", description.replacing(#""name": "UCAN""#, with: #""name": "North""#))
        #expect(
          try fixture.run("etl", "--to", "postgres")
            == ProgramResult(
              status: 78,
              errors: """
                error: the warehouse must be recreated, but other objects depend on it: view public.mine
                  Save the definitions, drop the objects, run this again, and recreate them: DROP VIEW public.mine;

                """))
        try connection.execute("DROP VIEW public.mine;")
        #expect(try fixture.run("etl", "--to", "postgres").status == 0)
        #expect(try connection.query("SELECT count(*) FROM my_report WHERE region IN ('North', 'EMEA')").firstValue == "2")
      }
    }
  }

  @Test func `safe cells are off by default and work with CSV only`() throws {
    try WarehouseFixture.with { (fixture) throws in
      _ = try fixture.run("etl")
      #expect(try fixture.run("export", "v_arpu", "--safe-cells").output == fixture.run("export", "v_arpu").output)
      #expect(try fixture.run("export", "v_arpu", "--safe-cells", "--format", "json").status == 64)
    }
  }

  @Test func `an export to a device or a pipe is written directly and does not replace it`() throws {
    try WarehouseFixture.with { (fixture) throws in
      _ = try fixture.run("etl")
      let region = try fixture.run("export", "dim_region")
      #expect(region.output.hasPrefix("region_id,"))
      // Like /dev/stdout.
      try FileManager.default.createSymbolicLink(atPath: fixture.folder.path + "/out", withDestinationPath: "/proc/self/fd/1")
      for command in ["| cat", "> file && cat file"] {
        let line = "\(TestProject.products)/netflix export dim_region --output out \(command)"
        #expect(try run("/bin/sh", ["-c", line], directory: fixture.folder.path) == region)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: fixture.folder.path + "/out") == "/proc/self/fd/1")
      }
      try FileManager.default.createSymbolicLink(atPath: fixture.folder.path + "/nothing", withDestinationPath: "/dev/null")
      #expect(try fixture.run("export", "dim_region", "--output", "nothing") == ProgramResult(status: 0))
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: fixture.folder.path + "/nothing") == "/dev/null")
    }
  }

  @Test(.enabled(if: geteuid() == 0, "only root can change the owner of a link"))
  func `a symbolic link of another user is not followed, and one of the same user is`() throws {
    try WarehouseFixture.with { (fixture) throws in
      try fixture.folder.write("precious", "as it was")
      func plant(_ name: String, owner: uid_t) throws {
        try FileManager.default.createSymbolicLink(atPath: fixture.folder.path + "/" + name, withDestinationPath: "precious")
        try #require(lchown(fixture.folder.path + "/" + name, owner, owner) == 0)
      }
      try plant("planted.db", owner: 12345)
      let etl = try fixture.run("etl", "--sqlite", "planted.db")
      #expect(etl.status == 73)
      #expect(etl.errors == "error: planted.db: is a symbolic link of another user\n  Remove it, or name another file.\n")
      try plant("planted.csv", owner: 12345)
      _ = try fixture.run("etl")
      #expect(try fixture.run("export", "v_arpu", "--output", "planted.csv").status == 73)
      #expect(fixture.folder.read("precious") == "as it was")
      try FileManager.default.createSymbolicLink(atPath: fixture.folder.path + "/mine.db", withDestinationPath: "real.db")
      #expect(try fixture.run("etl", "--sqlite", "mine.db").status == 0)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: fixture.folder.path + "/mine.db") == "real.db")
      #expect(fixture.folder.read("real.db")?.hasPrefix("SQLite format 3\0") == true)
    }
  }

  @Test func `errors have their exit code and a hint`() throws {
    try WarehouseFixture.with { (fixture) throws in
      #expect(
        try fixture.run("etl", "--from", "sqlite")
          == ProgramResult(
            status: 64,
            errors: """
              error: --from: 'sqlite' is not one of csv, postgres
                'netflix etl --help' explains all options.

              """))
      #expect(!(try fixture.run("etl", "--help").output.contains("one of csv, postgres, sqlite")))
      #expect(try fixture.run("etl", "--csv", "data/none.csv").status == 66)
      #expect(try fixture.run("etl", "--sqlite", "no/such/folder.db").status == 73)
      #expect(try fixture.run("etl", "--from", "postgres").status == 69)
      #expect(try fixture.run("etl", "--sqlite", "data/datapackage.json").status == 65)
      #expect(try fixture.run("export", "v_wide").status == 66)
      try fixture.doctor("31-12-2019", "31-02-2019")
      let bad = try fixture.run("etl")
      #expect(bad.status == 65)
      #expect(bad.errors.hasPrefix("error: data/netflix_revenue_updated.csv:5:1: "))
    }
  }

  @Test func `waits for a database that becomes available`() throws {
    try withDatabase { (url: String) throws in
      try WarehouseFixture.with(database: url) { (fixture) throws in
        try fixture.land()
        let connection = try PostgresConnection.open(url, applicationName: "tests")
        defer { connection.close() }
        let name = try #require(try connection.query("SELECT current_database()").firstValue)
        // No session can be opened until access is restored.
        let maintenance = try PostgresConnection.open(url.replacing("/\(name)", with: "/postgres"), applicationName: "tests")
        defer { maintenance.close() }
        connection.close()
        try maintenance.execute("ALTER DATABASE \(name) RENAME TO \(name)_away")
        let etl = try RunningProgram(
          "netflix", ["etl", "--from", "postgres", "--retry-seconds", "60"], environment: ["DATABASE_URL": url],
          directory: fixture.folder.path)
        try etl.wait(until: "it waits") { etl.errors.contains("there is no such database (SQLSTATE 3D000); trying for 60 s") }
        try maintenance.execute("ALTER DATABASE \(name)_away RENAME TO \(name)")
        let result = try etl.wait()
        #expect(result.status == 0)
        #expect(result.errors.hasSuffix(": 21 dates, 5 regions, 105 facts\n"))
      }
    }
  }

  @Test func `a read-only database is reported as read-only, not as unavailable`() throws {
    try withDatabase { (url: String) throws in
      try WarehouseFixture.with(database: url) { (fixture) throws in
        let options = (url.contains("?") ? "&" : "?") + "options=-c%20default_transaction_read_only%3Don"
        let result = try fixture.run("etl", "--to", "postgres", "--database", url + options, "--retry-seconds", "1")
        #expect(result.status == 69)
        #expect(result.errors.contains("Nothing can be written there: it is a standby, default_transaction_read_only is on"))
      }
    }
  }

  @Test func `several rows per date end every command that reads the star schema with 78 and a working hint`() throws {
    func description(key: String, star: Bool = true) -> String {
      """
      {"resources": [{"name": "sales", "path": "sales.csv", "schema": {"primaryKey": \(key),
      "fields": [{"name": "Month", "type": "date"}, {"name": "Store", "type": "string"}, {"name": "Sales", "type": "number", "decimals": 2}]}
      \(star ? #","star": {"fact": "fact_sales", "date": "month", "period": "month", "metrics": [{"name": "sales", "kind": "flow"}],"# : "")
      \(star ? #""regions": [{"name": "all", "columns": {"sales": "sales"}}]}"# : "")}]}
      """
    }
    try withTemporaryFolder { (folder) throws in
      try folder.write("sales.csv", "Month,Store,Sales\n2024-01-31,north,360.00\n2024-01-31,south,858.60\n2024-02-29,north,1.00\n")
      try folder.write("datapackage.json", description(key: #"["Month", "Store"]"#))
      func netflix(_ arguments: String...) throws -> ProgramResult {
        try run("netflix", arguments + ["--csv", "sales.csv"], directory: folder.path, seconds: 30)
      }
      let commands = [
        ["etl", "--sqlite", "out.db"], ["check"], ["analyze", "--no-charts"], ["forecast", "--no-chart"], ["dashboard", "--port", "0"],
      ]
      for command in commands {
        #expect(
          try run("netflix", command + ["--csv", "sales.csv"], directory: folder.path, seconds: 30)
            == ProgramResult(
              status: 78,
              errors: """
                error: the star has one row per month, but the key has more columns: store
                  Make a CSV with one row per month (the sum over store, or a column for each), or remove "star".

                """), "\(command)")
      }
      #expect(try run("netflix-producer", ["--dry-run", "sales.csv"], directory: folder.path).output.split(separator: "\n").count == 3)
      try folder.write("datapackage.json", description(key: #"["Month", "Store"]"#, star: false))
      #expect(try netflix("check").status == 0)
      try folder.write("datapackage.json", description(key: #""Month""#))
      try folder.write("sales.csv", "Month,Store,Sales\n2024-01-31,all,1218.60\n2024-02-29,all,1.00\n")
      #expect(try netflix("check").status == 0)
      #expect(try netflix("etl", "--sqlite", "sales.db").errors.hasSuffix("2 dates, 1 region, 2 facts\n"))
    }
  }

  @Test func `the warehouse of another dataset ends the run with 78, and each way out that it names works`() throws {
    try withDatabase { (url: String) throws in
      try WarehouseFixture.with(database: url) { (fixture) throws in
        let description = try #require(fixture.folder.read("data/datapackage.json"))
        try fixture.folder.write("data/other.json", description.replacing(#""name": "netflix""#, with: #""name": "other""#))
        let other = ["--dataset", "data/other.json"]
        func netflix(_ arguments: [String]) throws -> ProgramResult {
          try run("netflix", arguments, environment: ["DATABASE_URL": url], directory: fixture.folder.path)
        }
        #expect(try netflix(["etl"]).status == 0)
        #expect(
          try netflix(["etl", "--sqlite", "data/netflix.db"] + other)
            == ProgramResult(
              status: 78,
              errors: """
                error: the warehouse there belongs to the dataset "netflix", not to "other"
                  Give this one another file: --sqlite FILE; --replace replaces the warehouse there.

                """))
        #expect(try netflix(["etl", "--sqlite", "other.db"] + other).status == 0)
        #expect(try netflix(["etl"]).status == 0)
        let reading = try netflix(["check", "--from", "sqlite", "--sqlite", "other.db"])
        #expect(
          reading
            == ProgramResult(
              status: 78,
              errors: """
                error: the warehouse in other.db belongs to the dataset "other", not to "netflix"
                  Name the file of this one (--sqlite FILE), or the description of that one (--dataset FILE).

                """))
        #expect(try netflix(["check", "--from", "sqlite", "--sqlite", "other.db"] + other).status == 0)
        #expect(try netflix(["etl", "--sqlite", "other.db", "--replace"]).status == 0)
        #expect(try netflix(["check", "--from", "sqlite", "--sqlite", "other.db"]).status == 0)

        #expect(try netflix(["etl", "--to", "postgres"]).status == 0)
        let refused = try netflix(["etl", "--to", "postgres"] + other)
        #expect(refused.status == 78)
        #expect(refused.errors.hasPrefix(#"error: the warehouse there belongs to the dataset "netflix", not to "other""#))
        #expect(refused.errors.contains("--database 'ADDRESS?options=-csearch_path%3DNAME'"))
        let connection = try PostgresConnection.open(url, applicationName: "tests")
        defer { connection.close() }
        try connection.execute("CREATE SCHEMA beside")
        let address = url + (url.contains("?") ? "&" : "?") + "options=-csearch_path%3Dbeside"
        #expect(try netflix(["etl", "--to", "postgres", "--database", address] + other).status == 0)
        #expect(
          try connection.query("SELECT dataset FROM etl_source UNION ALL SELECT dataset FROM beside.etl_source").rows == [
            ["netflix"], ["other"],
          ])
        #expect(try netflix(["etl", "--to", "postgres"]).status == 0)
        #expect(try netflix(["etl", "--to", "postgres", "--replace"] + other).status == 0)
        #expect(try connection.query("SELECT dataset FROM etl_source").firstValue == "other")
      }
    }
  }

  @Test func `the warehouse of X.csv is X.db beside it`() throws {
    try withTemporaryFolder { (folder) throws in
      for name in ["here", "there"] {
        try FileManager.default.createDirectory(atPath: folder.path + "/" + name, withIntermediateDirectories: false)
      }
      let description = """
        {"resources": [{"name": "shop", "path": "sales.csv", "schema": {"primaryKey": "Day", "fields": [{"name": "Day", "type": "date"},
        {"name": "Sales", "type": "integer"}]}, "star": {"fact": "f", "date": "day", "period": "month",
        "metrics": [{"name": "sales", "kind": "flow"}], "regions": [{"name": "all", "columns": {"sales": "sales"}}]}}]}
        """
      try folder.write("there/datapackage.json", description)
      try folder.write("there/sales.csv", "Day,Sales\n2024-01-31,1\n")
      func netflix(_ arguments: String..., in place: String) throws -> ProgramResult {
        try run("netflix", arguments, directory: folder.path + "/" + place)
      }
      #expect(
        try netflix("etl", "../there/sales.csv", in: "here")
          == ProgramResult(status: 0, errors: "1 row of ../there/sales.csv → ../there/sales.db: 1 date, 1 region, 1 fact\n"))
      // Without a CSV the description is the one that is here, and the file has the dataset's name.
      #expect(
        try netflix("etl", in: "there")
          == ProgramResult(status: 0, errors: "1 row of sales.csv → shop.db: 1 date, 1 region, 1 fact\n"))
      #expect(try netflix("check", "--from", "sqlite", in: "there").status == 0)
      #expect(try netflix("export", "v_sales", in: "there").output == "date,label,year,quarter,month,all\n2024-01-31,2024-01,2024,1,1,1\n")
      // The command that an error advises makes the file that it missed.
      try FileManager.default.removeItem(atPath: folder.path + "/there/shop.db")
      let missing = try netflix("check", "--from", "sqlite", in: "there")
      #expect(
        missing.status == 66
          && missing.errors.hasSuffix("'netflix etl --sqlite shop.db' makes it; --from postgres reads the one that Postgres has.\n"),
        "\(missing)")
      #expect(try netflix("etl", "--sqlite", "shop.db", in: "there").status == 0)
      #expect(try netflix("check", "--from", "sqlite", in: "there").status == 0)
    }
  }

  @Test func `a description without a star is an error`() throws {
    try withTemporaryFolder { (folder) throws in
      try folder.write("people.csv", "Id\n1\n")
      try folder.write(
        "datapackage.json",
        #"{"resources": [{"name": "people", "path": "people.csv", "schema": {"fields": [{"name": "Id", "type": "integer"}]}}]}"#)
      let result = try run("netflix", ["etl", "--csv", "people.csv", "--sqlite", "no/such/x.db"], directory: folder.path)
      #expect(result.status == 78)
      #expect(
        result.errors.hasPrefix("error: the description of \"people\" does not map its columns to regions and metrics\n"))
    }
  }
}

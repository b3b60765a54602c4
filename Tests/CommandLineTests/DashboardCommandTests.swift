import Foundation
import Postgres
import TestSupport
import Testing

@Suite("netflix dashboard")
struct DashboardCommandTests {
  @Test func `prints its address as JSON, responds, and exits with 0 on SIGTERM and SIGINT`() throws {
    try WarehouseFixture.with { (fixture) throws in
      for signal in [SIGTERM, SIGINT] {
        let dashboard = try DashboardFixture(fixture, [])
        #expect(try dashboard.get("/healthz") == "ok\n")
        #expect(try dashboard.get("/").contains("<title>"))
        #expect(try PrometheusText(dashboard.get("/metrics")).families["netflix_build_info"]?.samples.count == 1)
        let url = "http://127.0.0.1:\(dashboard.port)"
        #expect(
          try dashboard.stop(signal)
            == ProgramResult(
              status: 0, output: #"{"url":"\#(url)","rows":21}"# + "\n",
              errors: "21 rows of data/netflix_revenue_updated.csv\ndashboard: \(url)  (Ctrl-C ends it)\n"))
      }
    }
  }

  @Test func `an option or an environment variable selects the source of the rows`() throws {
    try withDatabase { (url: String) throws in
      try WarehouseFixture.with(database: url) { (fixture) throws in
        try fixture.land()
        #expect(try fixture.run("etl").status == 0)
        let places = [
          (["--from", "sqlite"], [:], "sqlite"), ([], ["NETFLIX_FROM": "sqlite"], "sqlite"), (["--from", "postgres"], [:], "postgres"),
          (["--from", "csv"], ["NETFLIX_FROM": "postgres"], "csv"),
        ]
        for (arguments, environment, store) in places {
          let dashboard = try DashboardFixture(fixture, arguments, environment: environment)
          let dataset = try dashboard.get("/api/dataset")
          #expect(dataset.contains(#""store":"\#(store)""#))
          #expect(dataset.contains(#""rows":21"#))
          #expect(try dashboard.stop().status == 0)
        }
      }
    }
  }

  @Test func `host, port and Chart.js can be set by option and by environment`() throws {
    try WarehouseFixture.with { (fixture) throws in
      try fixture.folder.write("chart.js", "/* Chart.js, my copy */")
      let first = try DashboardFixture(
        fixture, ["--host", "127.0.0.1"], environment: ["NETFLIX_DASHBOARD_HOST": "192.0.2.1", "NETFLIX_CHART_JS": "chart.js"])
      #expect(try first.get("/chart.js") == "/* Chart.js, my copy */")
      let taken = try fixture.run("dashboard", "--port", String(first.port))
      #expect(
        taken
          == ProgramResult(
            status: 69,
            errors: """
              error: port \(first.port) on 127.0.0.1 is taken by another program
                Stop that program, or give another port (0: any that is free).

              """))
      let port = first.port
      #expect(try first.stop().status == 0)
      let second = try DashboardFixture(
        fixture, ["--chart-js", "chart.js"], environment: ["NETFLIX_DASHBOARD_PORT": String(port), "NETFLIX_CHART_JS": "/nowhere"])
      #expect(second.port == port)
      #expect(try second.get("/chart.js") == "/* Chart.js, my copy */")
      #expect(try second.stop().status == 0)
      let elsewhere = try fixture.run("dashboard", "--host", "192.0.2.1", "--port", "0")
      #expect(elsewhere.status == 64)
      #expect(elsewhere.errors.hasPrefix("error: 192.0.2.1 is not an address of this machine\n"))
    }
  }

  @Test func `a foreign name in Host is rejected with the option that allows it`() throws {
    try WarehouseFixture.with { (fixture) throws in
      func ask(_ dashboard: DashboardFixture, _ host: String) throws -> RawHTTPResponse {
        let client = try RawHTTPClient(port: dashboard.port)
        client.send("GET /api/dataset HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        return try client.response()
      }
      let first = try DashboardFixture(fixture, [])
      let refused = try ask(first, "stats.example.org")
      #expect(refused.status == 421)
      let hint = try #require(refused.text.firstMatch(of: /(--allowed-host) (\S+) to answer to this name too/))
      #expect(try first.stop().status == 0)
      let second = try DashboardFixture(fixture, [String(hint.1), String(hint.2), "--allowed-host", "b.example"])
      #expect(try ask(second, "stats.example.org").status == 200)
      #expect(try ask(second, "b.example:8080").status == 200)
      #expect(try ask(second, "c.example").status == 421)
      #expect(try second.stop().status == 0)
      let wrong = try fixture.run("dashboard", "--port", "0", "--allowed-host", "http://stats.example.org/")
      #expect(wrong.status == 64)
      #expect(wrong.errors.hasPrefix("error: --allowed-host http://stats.example.org/: not the name of a host\n"))
    }
  }

  @Test func `command and dashboard give the same results for a gap, a region without sales and a straight line`() throws {
    try withTemporaryFolder { folder in
      try folder.write(
        "datapackage.json",
        """
        {"name": "kiosks", "resources": [{"name": "kiosk", "path": "kiosk.csv", "topic": "kiosk", "table": "kiosk_raw",
          "schema": {"primaryKey": "month", "fields": [{"name": "month", "type": "date"}, {"name": "gap", "type": "number"},
            {"name": "none", "type": "integer"}, {"name": "line", "type": "number"}, {"name": "tiny", "type": "number"}]},
          "star": {"fact": "f", "date": "month", "period": "month", "metrics": [{"name": "sales", "title": "Sales", "kind": "flow"}],
            "regions": [{"name": "Gap", "columns": {"sales": "gap"}}, {"name": "None", "columns": {"sales": "none"}},
              {"name": "Line", "columns": {"sales": "line"}}, {"name": "Tiny", "columns": {"sales": "tiny"}}]}}]}
        """)
      let ends = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      let rows = (0..<24).map { index in
        let (month, day) = (index % 12 + 1, ends[index % 12])
        return "\(2021 + index / 12)-\(month < 10 ? "0" : "")\(month)-\(day),\(index == 7 ? "" : "\(index)"),0,\(10 + 2 * index).5,"
          + "0.00000000\(index * 7919 % 9 + 1)"
      }
      try folder.write("kiosk.csv", (["month,gap,none,line,tiny"] + rows).joined(separator: "\n") + "\n")
      let csv = folder.path + "/kiosk.csv"
      try WarehouseFixture.with { (fixture) throws in
        let dashboard = try DashboardFixture(fixture, ["--csv", csv])
        for (region, sentence) in [
          ("None", "All 24 values are equal: the forecast is that value, and its intervals have no width."),
          ("Line", "The values lie on a straight line: the forecast continues it, and its intervals have no width."), ("Tiny", ""),
        ] {
          let command = try run("netflix", ["forecast", "--csv", csv, "--region", region, "--json", "--no-chart"])
          #expect(command.status == 0, "\(command)")
          #expect(command.output.contains(#""verdict":"\#(sentence)"#))
          let answer = try dashboard.get("/api/forecast?region=\(region)&metric=sales")
          #expect(answer.hasSuffix(#","report":\#(command.output.dropLast())}"# + "\n"), "\(answer)")
        }
        let gap = try run("netflix", ["forecast", "--csv", csv, "--region", "Gap", "--no-chart"])
        #expect(gap.status == 65)
        let (fault, hint) = ("gap_sales has no value at 2021-08-31", "A forecast needs every month; 'netflix check' lists the gaps.")
        #expect(gap.errors == "error: \(csv): \(fault)\n  \(hint)\n")
        #expect(try dashboard.get("/api/forecast?region=Gap&metric=sales").contains("\(fault). \(hint)"))
        let tiny = try run("netflix", ["forecast", "--csv", csv, "--region", "Tiny", "--no-chart"])
        #expect(tiny.output.contains(/\n2023-01-31 +0\.0000000[0-9]*[1-9]/), "\(tiny.output)")
        #expect(try dashboard.stop().status == 0)
      }
    }
  }

  @Test func `a missing source is an error with a hint`() throws {
    try WarehouseFixture.with { (fixture) throws in
      let noChart = try fixture.run("dashboard", "--chart-js", "/nowhere/chart.min.js", "--port", "0")
      #expect(noChart.status == 66)
      #expect(noChart.errors == "error: /nowhere/chart.min.js is not Chart.js\n  Give the path of chart.min.js, version 3.\n")
      let noCSV = try fixture.run("dashboard", "--csv", "data/none.csv", "--port", "0")
      #expect(noCSV.status == 66)
      #expect(noCSV.errors.hasPrefix("error: data/none.csv"))
      let noFile = try fixture.run("dashboard", "--from", "sqlite", "--port", "0")
      #expect(noFile.status == 66)
      #expect(
        noFile.errors.hasSuffix("'netflix etl --sqlite data/netflix.db' makes it; --from postgres reads the one that Postgres has.\n"))
      let noDatabase = try fixture.run("dashboard", "--from", "postgres", "--port", "0")
      #expect(noDatabase.status == 69)
      #expect(noDatabase.errors.contains("--database or DATABASE_URL says where to look"))
      #expect(try fixture.run("dashboard", "--port", "70000").status == 64)
    }
  }

  @Test func `a signal during the wait for Postgres ends it with 0`() throws {
    try WarehouseFixture.with { (fixture) throws in
      let program = try RunningProgram(
        "netflix", ["dashboard", "--from", "postgres", "--port", "0"], environment: ["DATABASE_URL": fixture.database],
        directory: fixture.folder.path)
      try program.wait(until: "it waits") { program.errors.contains("trying for 90 s") }
      program.signal(SIGTERM)
      #expect(try program.wait(seconds: 20).status == 0)
    }
  }

  @Test func `rows landed by netflix-consumer reach an open page`() throws {
    try withBroker { (servers) throws in
      try withDatabase { (url: String) throws in
        try WarehouseFixture.with(database: url) { (fixture) throws in
          let dashboard = try DashboardFixture(fixture, ["--from", "postgres"])
          #expect(try dashboard.get("/api/dataset").contains(#""rows":0"#))
          let page = try dashboard.page()
          let topic = uniqueTopic("dashboard")
          let environment = ["KAFKA_BOOTSTRAP_SERVERS": servers, "NETFLIX_TOPIC": topic, "DATABASE_URL": url]
          func publish() throws {
            let csv = "data/netflix_revenue_updated.csv"
            #expect(try run("netflix-producer", [csv], environment: environment, directory: fixture.folder.path).status == 0)
          }
          try publish()
          let consumer = try RunningProgram(
            "netflix-consumer", ["--group", topic], environment: environment, directory: fixture.folder.path)
          #expect(try page.read(through: "\n\n").contains("event: rows\n"))
          let question = "/api/series?region=Global&metric=revenue"
          while try !dashboard.get(question).contains(#""label":"Q1 2024","value":9370440000"#) { _ = try page.read(through: "\n\n") }
          // A correction, while both programs are running.
          try fixture.doctor("9370440000", "9370440001")
          try publish()
          while try !dashboard.get(question).contains(#""label":"Q1 2024","value":9370440001"#) { _ = try page.read(through: "\n\n") }
          consumer.signal(SIGTERM)
          #expect(try consumer.wait().status == 0)
          #expect(try dashboard.stop().status == 0)
        }
      }
    }
  }
}

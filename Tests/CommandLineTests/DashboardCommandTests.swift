import Foundation
import Postgres
import TestSupport
import Testing

@Suite("netflix dashboard")
struct DashboardCommandTests {
  @Test func `tells its address as JSON, answers, and ends with 0 on SIGTERM and SIGINT`() throws {
    try WarehouseFixture.with { (fixture) throws in
      for signal in [SIGTERM, SIGINT] {
        let dashboard = try DashboardFixture(fixture, [])
        #expect(try dashboard.get("/healthz") == "ok\n")
        #expect(try dashboard.get("/").contains("<title>"))
        let url = "http://127.0.0.1:\(dashboard.port)"
        #expect(
          try dashboard.stop(signal)
            == ProgramResult(
              status: 0, output: #"{"url":"\#(url)","rows":21}"# + "\n",
              errors: "21 rows of data/netflix_revenue_updated.csv\ndashboard: \(url)  (Ctrl-C ends it)\n"))
      }
    }
  }

  @Test func `the rows come from where it is told, by option or by environment`() throws {
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

  @Test func `host, port and Chart.js by option and by environment`() throws {
    try WarehouseFixture.with { (fixture) throws in
      try fixture.folder.write("chart.js", "/* Chart of ours */")
      let first = try DashboardFixture(
        fixture, ["--host", "127.0.0.1"], environment: ["NETFLIX_DASHBOARD_HOST": "192.0.2.1", "NETFLIX_CHART_JS": "chart.js"])
      #expect(try first.get("/chart.js") == "/* Chart of ours */")
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
      #expect(try second.get("/chart.js") == "/* Chart of ours */")
      #expect(try second.stop().status == 0)
      let elsewhere = try fixture.run("dashboard", "--host", "192.0.2.1", "--port", "0")
      #expect(elsewhere.status == 64)
      #expect(elsewhere.errors.hasPrefix("error: 192.0.2.1 is no address of this machine\n"))
    }
  }

  @Test func `what is not there is told, with what to do`() throws {
    try WarehouseFixture.with { (fixture) throws in
      let noChart = try fixture.run("dashboard", "--chart-js", "/nowhere/chart.min.js", "--port", "0")
      #expect(noChart.status == 66)
      #expect(noChart.errors == "error: /nowhere/chart.min.js is not Chart.js\n  Give the path of chart.min.js, version 3.\n")
      let noCSV = try fixture.run("dashboard", "--csv", "data/none.csv", "--port", "0")
      #expect(noCSV.status == 66)
      #expect(noCSV.errors.hasPrefix("error: data/none.csv"))
      let noFile = try fixture.run("dashboard", "--from", "sqlite", "--port", "0")
      #expect(noFile.status == 66)
      #expect(noFile.errors.hasSuffix("Make it: netflix etl --to sqlite.\n"))
      let noDatabase = try fixture.run("dashboard", "--from", "postgres", "--port", "0")
      #expect(noDatabase.status == 69)
      #expect(noDatabase.errors.contains("--database or DATABASE_URL says where to look"))
      #expect(try fixture.run("dashboard", "--port", "70000").status == 64)
    }
  }

  @Test func `a signal while it waits for Postgres ends it with 0`() throws {
    try WarehouseFixture.with { (fixture) throws in
      let program = try RunningProgram(
        "netflix", ["dashboard", "--from", "postgres", "--port", "0"], environment: ["DATABASE_URL": fixture.database],
        directory: fixture.folder.path)
      try program.wait(until: "it waits") { program.errors.contains("trying for 90 s") }
      program.signal(SIGTERM)
      #expect(try program.wait(seconds: 20).status == 0)
    }
  }

  @Test func `what netflix-consumer lands reaches an open page`() throws {
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
          // A correction, while both go on.
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

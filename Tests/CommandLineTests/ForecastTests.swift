import Foundation
import TestSupport
import Testing

@Suite("netflix forecast")
struct ForecastTests {
  @Test func `prints forecast, model, reason, backtest and verdict for the revenue of this repository`() throws {
    let result = try run("netflix", ["forecast", "--no-chart"])
    #expect(
      result
        == ProgramResult(
          status: 0,
          output: """
            Global revenue: 21 quarters from 2019-03-31 to 2024-03-31

            date         US$ billion     80 % interval     95 % interval
            2024-06-30         9.613    9.408 to 9.818    9.300 to 9.926
            2024-09-30         9.855   9.566 to 10.145   9.412 to 10.298
            2024-12-31        10.098   9.743 to 10.453   9.555 to 10.640
            2025-03-31        10.340   9.931 to 10.750   9.714 to 10.967

            ARIMA(0,1,0) with drift: drift $242.5 M, standard error $159.8 M; log likelihood −406.173, AICc
            817.05
            Why: no seasonal difference, as the season's strength 0.23 is not above 0.64; one difference, as
            KPSS is 1.094, then 0.249 (limit 0.463); of 68 models (p ≤ 3, q ≤ 3, P ≤ 1, Q ≤ 1, at most 5 terms)
            (0,1,0) with drift has the lowest AICc, 817.05, and of the 2 with such support the lowest backtest
            error (MASE 1.35).

            backtest          MAPE   MASE   in 95 % interval
            ARIMA            4.4 %   1.35               53 %
            ETS              6.1 %   1.98               24 %
            naive            4.4 %   1.53               88 %
            drift            4.4 %   1.35               65 %
            seasonal naive   6.9 %   2.31              100 %

            Over 34 forecasts from 10 origins, 1 to 4 steps ahead, ARIMA(0,1,0) with drift and the drift line
            are level and best, with a MASE of 1.35; the naive forecast follows with 1.53, 13 % more. ARIMA's
            95 % interval held only 53 % of the values: it is too narrow.
            Residuals: Ljung–Box over 4 lags, p = 0.477: not autocorrelated.

            """))
  }

  @Test func `--json is one object, with the reference forecasts`() throws {
    let result = try run("netflix", ["forecast", "--order", "1,1,1", "--json", "--no-chart"])
    #expect(result.status == 0)
    #expect(result.errors == "")
    #expect(result.output.split(separator: "\n").count == 1)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(object.keys.sorted() == ["backtest", "forecast", "model", "n", "period", "residuals", "series", "verdict"])
    #expect(object["series"] as? String == "global_revenue")
    #expect(object["n"] as? Int == 21)
    #expect(object["period"] as? Int == 4)
    let model = try #require(object["model"] as? [String: Any])
    #expect(model.keys.sorted() == ["aicc", "drift", "loglik", "order", "parameters", "reason", "seasonal", "sigma2"])
    #expect(model["order"] as? [Int] == [1, 1, 1])
    #expect(model["seasonal"] as? [Int] == [0, 0, 0])
    #expect((model["parameters"] as? [String: Any])?.keys.sorted() == ["ar1", "ma1"])
    // In dollars: 6.9985 in billions minus 20 · ln 10⁹.
    #expect(abs((model["loglik"] as? Double ?? 0) + 20 * log(1e9) - 6.9985) < 0.005)
    let steps = try #require(object["forecast"] as? [[String: Any]])
    #expect(steps.map { $0["date"] as? String } == ["2024-06-30", "2024-09-30", "2024-12-31", "2025-03-31"])
    for (step, known) in zip(steps, [9.735e9, 10.089e9, 10.434e9, 10.769e9]) {
      #expect(step.keys.sorted() == ["date", "lower80", "lower95", "mean", "upper80", "upper95"])
      #expect(abs((step["mean"] as? Double ?? 0) / known - 1) < 0.001)
    }
    let scores = try #require(object["backtest"] as? [[String: Any]])
    #expect(scores.map { $0["model"] as? String } == ["ARIMA", "ETS", "naive", "drift", "seasonal naive"])
    #expect(scores.allSatisfy { $0.keys.sorted() == ["coverage95", "mape", "mase", "model"] })
    #expect((object["residuals"] as? [String: Any])?["ljung_box_p"] is Double)
  }

  @Test func `forecasts any series: AirPassengers with numbered steps`() throws {
    let file = TestProject.folder + "/Tests/series/air-passengers.txt"
    let arguments = ["--period", "12", "--order", "2,1,1", "--seasonal", "0,1,0", "--horizon", "2", "--json"]
    let result = try run("netflix", ["forecast", "--values", file] + arguments)
    #expect(result.status == 0)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(object["series"] as? String == "air-passengers")
    #expect(abs(((object["model"] as? [String: Any])?["loglik"] as? Double ?? 0) + 504.92) < 0.005)
    #expect((object["forecast"] as? [[String: Any]])?.map { $0["step"] as? Int } == [1, 2])
  }

  @Test func `the chart is written to outputs by default, or to --output, as PNG or SVG`() throws {
    try withTemporaryFolder { folder in
      let rows = ["--csv", TestProject.csv, "--order", "0,1,0", "--drift"]
      let first = try run("netflix", ["forecast", "--region", "emea", "--metric", "memberships"] + rows, directory: folder.path)
      #expect(first.status == 0)
      #expect(first.errors == "chart: outputs/emea_memberships_forecast.png\n")
      let chart = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/outputs/emea_memberships_forecast.png"))
      #expect(chart.prefix(8) == Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
      let second = try run("netflix", ["forecast", "--output", "new/a.svg", "-q"] + rows, directory: folder.path)
      #expect(second.errors == "")
      let drawing = try #require(folder.read("new/a.svg"))
      #expect(drawing.contains(">Global revenue: $10.34 bn expected in Q1 2025</text>"))
      for unit in ["US$ billion", "Quarter"] { #expect(drawing.contains(">\(unit)</text>"), "\(unit)") }
      #expect(drawing.contains(">last known: $9.37 bn</text>"))
      #expect(drawing.contains(">backtest: forecasts at earlier dates</text>"))
    }
  }

  @Test func `a flagged value is reported with the forecast based on it`() throws {
    let result = try run("netflix", ["forecast", "--region", "UCAN", "--order", "0,1,0", "--no-chart"])
    #expect(result.status == 0)
    #expect(
      result.errors == "warning: flagged: UCAN revenue of 2023-12-31 is 3,594,791,000 (ucan_revenue); netflix check shows the reason\n")
  }

  @Test func `works with another, monthly dataset`() throws {
    try withTemporaryFolder { folder in
      try Shop.write(into: folder)
      let result = try run(
        "netflix", ["forecast", "--csv", folder.path + "/sales.csv", "--region", "north", "--horizon", "3", "--json", "--no-chart"])
      #expect(result.status == 0, "\(result)")
      let object = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      #expect(object["series"] as? String == "north_sales")
      #expect(object["period"] as? Int == 12)
      let dates = (object["forecast"] as? [[String: Any]])?.map { $0["date"] as? String }
      #expect(dates == ["2023-01-31", "2023-02-28", "2023-03-31"])
    }
  }

  @Test func `a gap in the series is bad data and is reported with its date`() throws {
    try withTemporaryFolder { folder in
      try Shop.write(into: folder, leavingOut: "2021-06-30")
      let result = try run("netflix", ["forecast", "--csv", folder.path + "/sales.csv", "--no-chart"])
      #expect(result.status == 65)
      #expect(result.errors.contains("all_sales has no row for the month before 2021-07-31\n"))
    }
  }

  @Test(arguments: [
    (["--order", "1,1"], 64, "--order 1,1: not three whole numbers"),
    (["--values", "x.txt", "--csv", "y.csv"], 64, "--values cannot be combined with --csv"),
    (["--values", "x.txt", "--from", "sqlite"], 64, "--values cannot be combined with --from"),
    (["--order", "1,-1,0"], 64, "--order 1,-1,0: not three whole numbers"),
    (["--order", "99,1,0"], 64, "the order (99,1,0) is not supported"),
    (
      ["--order", "1,0,0", "--drift"], 64, "drift is a constant in the once differenced series, and (1,0,0) with drift takes 0 differences"
    ),
    (["--drift"], 64, "--drift requires --order"),
    (["--seasonal", "1,0,0"], 64, "--seasonal requires --order"),
    (["--region", "Mars"], 64, "--region Mars: there is no such region"),
    (["--metric", "joy"], 64, "--metric joy: there is no such metric"),
    (["--metric", "arpu"], 64, "Global has no arpu"), (["--horizon", "0"], 64, "--horizon: '0' is not a whole number from 1 to 400"),
    (["--values", "x", "--region", "UCAN"], 64, "--values cannot be combined with --region"),
    (["--output", "a.pdf"], 64, "a.pdf is neither .png nor .svg"),
    (["--values", "/nonexistent"], 66, "/nonexistent: no such file of values"),
    (["--from", "sqlite", "--sqlite", "/nonexistent.db"], 66, "/nonexistent.db: unable to open database file (SQLite 14)"),
    (["--order", "12,1,12"], 65, "data/netflix_revenue_updated.csv: ARIMA(12,1,12) estimates 25 numbers"),
  ])
  func `usage and data errors have a message and an exit code`(arguments: [String], status: Int32, message: String) throws {
    let result = try run("netflix", ["forecast"] + (arguments.contains("--output") ? [] : ["--no-chart"]) + arguments)
    #expect(result.status == status)
    #expect(result.output == "")
    #expect(result.errors.hasPrefix("error: \(message)"), "\(result.errors)")
  }

  @Test(arguments: [
    ("1\n2\nx\n", 65, "standard input:3: “x” is not a number"), ("1\nnan\n", 65, "standard input:2: “nan” is not a number"),
    ("1,5\n", 65, "standard input:1: “1,5” is not a number"), ("1 2\n", 65, "standard input:1: “1 2” is not a number"),
    ("", 65, "the series is empty"), ("1\n2\n", 65, "standard input: ARIMA"),
    ("1\n2\n\n4\n5\n", 65, "standard input:3: blank line: a value is missing"),
    ("1\r\n2\r\n3\r\n \t\r\n\r\n6\r\n", 65, "standard input:4: blank line: a value is missing"),
    ("1\n\n# a remark\n3\n", 65, "standard input:2: blank line: a value is missing"),
    ("\u{FEFF}1\n2\nx\n", 65, "standard input:3: “x” is not a number"),
    ("1e200\n2\n3\n4\n5\n6\n", 65, "standard input: value 1 is 1e+200"),
  ])
  func `invalid values are reported with their line`(input: String, status: Int32, message: String) throws {
    let result = try run("netflix", ["forecast", "--values", "-"], input: input)
    #expect(result.status == status)
    #expect(result.errors.contains(message), "\(result.errors)")
  }

  @Test func `blank lines around the values, comments and a byte-order mark are ignored`() throws {
    let plain = "3\n1\n4\n1\n5\n9\n2\n6\n5\n3\n"
    let known = try run("netflix", ["forecast", "--values", "-"], input: plain)
    #expect(known.status == 0)
    for input in [
      "\u{FEFF}" + plain, "\n\n" + plain, plain + "\n\n \n", "# sales\n" + plain + "# the end\n", plain.replacing("\n", with: "\r\n"),
      "\u{FEFF}\r\n" + plain.replacing("\n", with: "\r\n") + "\r\n", String(plain.dropLast()), plain.replacing("4\n", with: "# four\n4\n"),
    ] {
      #expect(try run("netflix", ["forecast", "--values", "-"], input: input) == known, "\(input.debugDescription)")
    }
  }

  @Test func `text in UTF-16 is an error, and following the hint makes it readable`() throws {
    try withTemporaryFolder { folder in
      let text = (1...12).map { "\($0 * 7919 % 13)\r\n" }.joined()
      try Data(text.data(using: .utf16LittleEndian).map { [0xFF, 0xFE] + $0 } ?? []).write(to: URL(fileURLWithPath: folder.path + "/v.txt"))
      let refused = try run("netflix", ["forecast", "--values", "v.txt"], directory: folder.path)
      #expect(refused.status == 65)
      #expect(refused.errors == "error: v.txt: the text is UTF-16\n  Write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE.\n")
      let hint = "iconv -f UTF-16 -t UTF-8 v.txt > u.txt"
      #expect(try run("/bin/sh", ["-c", hint], directory: folder.path).status == 0)
      #expect(try run("netflix", ["forecast", "--values", "u.txt"], directory: folder.path).status == 0)
    }
  }

  @Test func `a constant series continues unchanged, with a sentence that says so`() throws {
    let result = try run("netflix", ["forecast", "--values", "-", "--horizon", "2"], input: String(repeating: "7.5\n", count: 24))
    #expect(
      result
        == ProgramResult(
          status: 0,
          output: """
            standard input: 24 values

            step   Value   80 % interval   95 % interval
            1       7.50    7.50 to 7.50    7.50 to 7.50
            2       7.50    7.50 to 7.50    7.50 to 7.50

            ARIMA(0,0,0): mean 7.50
            Why: the series is constant after the differencing of ARIMA(0,0,0): it has no noise to estimate.

            All 24 values are equal: the forecast is that value, and its intervals have no width.

            """))
  }

  @Test func `a linear series continues along its line with any order, and is drawn`() throws {
    try withTemporaryFolder { folder in
      let line = (1...12).map { "\(10 - 3 * $0)\n" }.joined()
      let arguments = ["forecast", "--values", "-", "--order", "1,1,1", "--output", "line.svg"]
      let result = try run("netflix", arguments, input: line, directory: folder.path)
      #expect(result.status == 0, "\(result)")
      #expect(result.output.contains(/\n4 +−38\.0 +−38\.0 to −38\.0 +−38\.0 to −38\.0\n/))
      #expect(result.output.contains("Why: ARIMA(1,1,1) was requested, but the series is constant"))
      let drawing = try #require(folder.read("line.svg"))
      #expect(drawing.contains(">Forecast −38.0</text>"))
      #expect(!drawing.contains("interval</text>"))
    }
  }

  @Test(arguments: [(1e-9, "0.0000000040"), (1e-5, "0.0000400"), (1e-14, "4.00e−14"), (1e-100, "4.00e−100")])
  func `tiny values print with their digits`(unit: Double, last: String) throws {
    let values = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4].map { "\($0 * unit)\n" }.joined()
    try withTemporaryFolder { folder in
      let arguments = ["forecast", "--values", "-", "--order", "0,0,0", "--output", "tiny.svg"]
      let result = try run("netflix", arguments, input: values, directory: folder.path)
      #expect(result.status == 0)
      // The mean is 4.85: three significant digits.
      #expect(result.output.contains(/\n1 .*4\.?85/), "\(result.output)")
      #expect(folder.read("tiny.svg")?.contains(">last known: \(last)") == true)
    }
  }

  @Test func `without gnuplot the values are printed and the packages are named`() throws {
    try withTemporaryFolder { folder in
      let result = try run(
        "netflix", ["forecast", "--csv", TestProject.csv, "--order", "0,1,0"], environment: ["PATH": "/nonexistent"], directory: folder.path
      )
      #expect(result.status == 73)
      #expect(result.output.hasPrefix("Global revenue: 21 quarters"))
      #expect(
        result.errors
          == "error: gnuplot, which draws the charts, is not on the PATH\n  Install it and its fonts: apt-get install gnuplot-nox fonts-dejavu-core.\n"
      )
    }
  }

  @Test func `a chart that cannot be written is 73`() throws {
    let result = try run("netflix", ["forecast", "--order", "0,1,0", "--output", "/proc/none/a.png"])
    #expect(result.status == 73)
    let fault = "the folder /proc/none cannot be made: No such file or directory"
    #expect(result.errors.hasSuffix("error: /proc/none/a.png: \(fault)\n  Choose a folder that can be written.\n"), "\(result.errors)")
  }
}

/// Another dataset: two regions, monthly, one metric with decimals.
private enum Shop {
  static let description = """
    {"name": "shops", "resources": [{"name": "sales", "path": "sales.csv", "topic": "sales", "table": "sales_raw",
      "schema": {"primaryKey": "Month", "fields": [{"name": "Month", "type": "date", "column": "month"},
        {"name": "All sales", "type": "number", "column": "all_sales", "decimals": 2, "unit": "EUR"},
        {"name": "North sales", "type": "number", "column": "north_sales", "decimals": 2, "unit": "EUR"}]},
      "star": {"fact": "fact_sales", "date": "month", "period": "month", "metrics": [{"name": "sales", "title": "Sales", "kind": "flow"}],
        "regions": [{"name": "all", "total": true, "columns": {"sales": "all_sales"}}, {"name": "north", "columns": {"sales": "north_sales"}}]}}]}
    """

  static func write(into folder: TemporaryFolder, leavingOut gap: String = "") throws {
    try folder.write("datapackage.json", description)
    let days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    var csv = "Month,All sales,North sales\n"
    for index in 0..<48 {
      let (year, month) = (2019 + index / 12, index % 12)
      let day = month == 1 && year == 2020 ? 29 : days[month]
      let date = "\(year)-\(month < 9 ? "0" : "")\(month + 1)-\(day)"
      let bump = index * 7919 % 23
      if date != gap { csv += "\(date),\(300 + 2 * index + bump).50,\(100 + index + bump % 7).25\n" }
    }
    try folder.write("sales.csv", csv)
  }
}

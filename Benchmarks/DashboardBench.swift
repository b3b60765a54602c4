import Console
import DevServices

/// The page's API requests, by wrk on the same machine: eight connections that each send the next request after a response.
struct DashboardBench {
  let files: BenchFiles
  let tools: Tools
  let runs: Int

  func add(to table: inout ResultTable) throws {
    let lua = files.folder + "/page.lua"
    try files.write(lua, script)
    var rates: [Double] = []
    var slowest: [Double] = []
    for round in 1...runs {
      let run = try tools.run("/bin/sh", ["-c", shell, tools.netflix, files.folder, lua])
      let numbers = run.output.split(separator: "\n").last?.split(separator: " ").compactMap { Double($0) } ?? []
      guard numbers.count == 4, numbers[3] == 0 else {
        throw CommandError(.internal, "wrk received failed responses", hint: run.output + run.errors)
      }
      rates.append(numbers[0] / (numbers[1] / 1e6))
      slowest.append(numbers[2] / 1000)
      Log().info("dashboard, round \(round) of \(runs): \(Int(rates[round - 1])) requests/s, p99 \(slowest[round - 1]) ms")
    }
    table.add("dashboard, the page's API", perSecond: median(rates), atLeast: 500)
    table.add("dashboard, the page's API, p99", milliseconds: median(slowest), limit: 20)
  }

  /// Starts the dashboard, warms it up, then measures. The last line of the output: requests, microseconds, p99 in microseconds, errors.
  private let shell = """
    trap 'exit 143' TERM INT
    rm -f "$1/dashboard"
    "$0" dashboard --port 0 --json -qq > "$1/dashboard" & pid=$!
    trap 'kill $pid; wait $pid' EXIT
    until [ -s "$1/dashboard" ]; do kill -0 $pid || exit 69; sleep 0.05; done
    url=$(sed 's/.*"url":"\\([^"]*\\)".*/\\1/' "$1/dashboard")
    wrk -t 1 -c 8 -d 3 --timeout 10 -s "$2" "$url" > "$1/warm" || exit 70
    wrk -t 1 -c 8 -d 10 -s "$2" "$url"
    """

  /// The page's requests: dataset and findings once, and series, growth and forecast of each selection.
  private var script: String {
    let regions = ["Global", "UCAN", "EMEA", "LATM", "APAC"]
    let keys = regions.flatMap { region in
      ["revenue", "memberships", "arpu"].filter { region != "Global" || $0 != "arpu" }.map { "region=\(region)&metric=\($0)" }
    }
    let paths =
      ["dataset", "findings"] + keys.flatMap { ["series?\($0)", "growth?\($0)", "forecast?\($0)"] }
    return """
      local paths = {\(paths.map { "\"/api/\($0)\"" }.joined(separator: ", "))}
      local next = 0
      request = function()
        next = next % #paths + 1
        return wrk.format("GET", paths[next])
      end
      done = function(summary, latency)
        local e = summary.errors
        local errors = e.connect + e.read + e.write + e.status + e.timeout
        io.write(string.format("%d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(99), errors))
      end
      """
  }
}

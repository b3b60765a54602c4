@testable import Metrics
import TestSupport
import Testing

@Suite struct MetricsRegistryTests {
  @Test func `the text has help, type and numbers in the order of registration`() {
    let registry = MetricsRegistry()
    let rows = registry.counter("rows_total", help: "Rows landed.")
    let lag = registry.gauge("lag", help: "Messages behind.", labels: ["topic", "partition"])
    rows.add(21)
    rows.add(Duration.milliseconds(500))
    lag["netflix", "1"].set(7)
    lag["netflix", "0"].set(-1.25)
    #expect(
      registry.text() == """
        # HELP rows_total Rows landed.
        # TYPE rows_total counter
        rows_total 21.5
        # HELP lag Messages behind.
        # TYPE lag gauge
        lag{topic="netflix",partition="0"} -1.25
        lag{topic="netflix",partition="1"} 7

        """)
  }

  @Test func `help and label values are escaped as the format requires`() throws {
    let registry = MetricsRegistry()
    registry.counter("a_total", help: "back\\slash, \"quotes\"\nand a line", labels: ["name"])["C:\\ \"x\"\ny"].add()
    #expect(
      registry.text() == #"""
        # HELP a_total back\\slash, "quotes"\nand a line
        # TYPE a_total counter
        a_total{name="C:\\ \"x\"\ny"} 1

        """#)
    _ = try PrometheusText(registry.text())
  }

  @Test func `NaN and infinite values have the names of the format`() {
    let registry = MetricsRegistry()
    let gauge = registry.gauge("g", help: "h", labels: ["n"])
    gauge["a"].set(.infinity)
    gauge["b"].set(-.infinity)
    gauge["c"].set(.nan)
    gauge["d"].set(9_007_199_254_740_992)
    gauge["e"].set(1e300)
    #expect(
      registry.text().split(separator: "\n").dropFirst(2).map { $0.split(separator: " ")[1] } == [
        "+Inf", "-Inf", "NaN", "9007199254740992", "1e+300",
      ])
  }

  @Test func `a histogram has cumulative buckets, and a value on a bound is within it`() throws {
    let registry = MetricsRegistry()
    let seconds = registry.histogram("request_seconds", help: "Time.", labels: ["path"], buckets: [0.5, 1, 2.5])
    for value in [0.25, 0.5, 1, 2, .infinity, .nan] { seconds["/"].observe(value) }
    seconds["/a"].observe(Duration.milliseconds(750))
    #expect(
      registry.text() == """
        # HELP request_seconds Time.
        # TYPE request_seconds histogram
        request_seconds_bucket{path="/",le="0.5"} 2
        request_seconds_bucket{path="/",le="1"} 3
        request_seconds_bucket{path="/",le="2.5"} 4
        request_seconds_bucket{path="/",le="+Inf"} 5
        request_seconds_sum{path="/"} +Inf
        request_seconds_count{path="/"} 5
        request_seconds_bucket{path="/a",le="0.5"} 0
        request_seconds_bucket{path="/a",le="1"} 1
        request_seconds_bucket{path="/a",le="2.5"} 1
        request_seconds_bucket{path="/a",le="+Inf"} 1
        request_seconds_sum{path="/a"} 0.75
        request_seconds_count{path="/a"} 1

        """)
    _ = try PrometheusText(registry.text())
  }

  @Test func `a scrape during concurrent observations is a valid histogram`() async throws {
    let registry = MetricsRegistry()
    let seconds = registry.histogram("request_seconds", help: "Time.", labels: [])
    seconds[].observe(0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<4 {
        group.addTask {
          for value in 0..<5_000 { seconds[].observe(Double(value % 13 + task)) }
        }
      }
      for _ in 0..<50 { _ = try PrometheusText(registry.text()) }
      try await group.waitForAll()
    }
    #expect(try PrometheusText(registry.text()).value("request_seconds_count") == 20_001)
  }

  @Test func `build information and process metrics have the names of Prometheus's client libraries`() throws {
    let registry = MetricsRegistry()
    registry.addBuildInfo(version: "1.2.3")
    registry.addProcessMetrics()
    let text = try PrometheusText(registry.text())
    #expect(text.value("netflix_build_info", #"version="1.2.3""#) == 1)
    #expect(
      text.families.mapValues(\.kind) == [
        "netflix_build_info": "gauge", "process_resident_memory_bytes": "gauge", "process_cpu_seconds_total": "counter",
        "process_start_time_seconds": "gauge",
      ])
  }

  @Test func `a definition follows the rules of Prometheus`() {
    func mistake(_ name: String, _ help: String, _ kind: MetricFamily.Kind, _ labels: [String] = []) -> String? {
      MetricFamily.mistake(name: name, help: help, kind: kind, labels: labels)
    }
    #expect(mistake("rows_total", "Rows landed.", .counter, ["topic"]) == nil)
    #expect(mistake("seconds", "Duration.", .histogram([0.1, 1])) == nil)
    let suffix = ": the name of a counter, and of no other metric, ends in _total"
    #expect(mistake("rows", "Rows landed.", .counter) == "rows" + suffix)
    #expect(mistake("rows_total", "Rows landed.", .gauge) == "rows_total" + suffix)
    #expect(mistake("1st", "h", .gauge) == "1st is not a valid metric name")
    #expect(mistake("rows", "", .gauge) == "rows has no help")
    for label in ["le", "__name__", "a:b", ""] { #expect(mistake("rows", "h", .gauge, [label]) == "\([label]) are not valid label names") }
    #expect(mistake("seconds", "h", .histogram([1, 1])) == "[1.0, 1.0] are not ascending")
  }

  @Test func `a counter never decreases`() {
    let counter = MetricsRegistry().counter("c_total", help: "h")
    counter.add(3)
    counter.add(-1)
    counter.add(.nan)
    #expect(counter.value == 3)
  }

  @Test func `a sample can be removed, and a family without samples prints nothing`() {
    let registry = MetricsRegistry()
    let lag = registry.gauge("lag", help: "h", labels: ["partition"])
    lag["0"].set(1)
    lag.remove("0")
    #expect(registry.text() == "")
  }

  @Test func `concurrent increments are all counted`() async {
    let registry = MetricsRegistry()
    let family = registry.counter("c_total", help: "h", labels: ["n"])
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for _ in 0..<10_000 { family["\(task % 2)"].add(1) }
        }
      }
    }
    #expect(family["0"].value == 40_000)
    #expect(family["1"].value == 40_000)
  }

  @Test func `the same name returns the same metric`() {
    let registry = MetricsRegistry()
    registry.counter("c_total", help: "h").add(1)
    registry.counter("c_total", help: "h").add(1)
    #expect(registry.text().hasSuffix("c_total 2\n"))
  }
}

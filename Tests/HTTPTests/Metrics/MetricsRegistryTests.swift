import Metrics
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

  @Test func `help and label values are escaped as the format requires`() {
    let registry = MetricsRegistry()
    registry.counter("a_total", help: "back\\slash, \"quotes\"\nand a line", labels: ["name"])["C:\\ \"x\"\ny"].add()
    #expect(
      registry.text() == #"""
        # HELP a_total back\\slash, "quotes"\nand a line
        # TYPE a_total counter
        a_total{name="C:\\ \"x\"\ny"} 1

        """#)
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

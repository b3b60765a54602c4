import TestSupport
import Testing

/// The parser that the metrics are checked with rejects what Prometheus rejects.
@Suite struct PrometheusTextTests {
  static let faults = [
    ("a_total 1\n", "outside its family: a_total 1"),
    ("# TYPE a_total counter\na_total 1\n", "TYPE without the HELP before it: # TYPE a_total counter"),
    ("# HELP a_total x\n# TYPE a_total counter\na_total 1", "the last line has no end"),
    ("# HELP a_total x\n# TYPE a_total counter\na_total 1\na_total 2\n", "occurs twice: a_total 2"),
    ("# HELP a_total x\n# TYPE a_total counter\na_total{b=\"1\",b=\"2\"} 2\n", "a label occurs twice: a_total{b=\"1\",b=\"2\"} 2"),
    ("# HELP a_total x\n# TYPE a_total counter\na_total{b=\"\"\"} 2\n", "not a sample: a_total{b=\"\"\"} 2"),
    ("# HELP a_total x\n# TYPE a_total counter\na_total one\n", "not a number: a_total one"),
    ("# HELP a_total x\n# TYPE a_total counter\na_total -1\n", "negative: (key: \"a_total\", value: -1.0)"),
    ("# HELP a x\n# TYPE a counter\na 1\n", "not a name of a counter: a"),
    ("# HELP a_total x\n# TYPE a_total gauge\na_total 1\n", "not a name of a gauge: a_total"),
    ("# HELP a_ms x\n# TYPE a_ms gauge\na_ms 1\n", "ms is not a base unit: a_ms"),
    ("# HELP a x\n# TYPE a gauge\n", "no samples: a"),
    ("# HELP a x\n# TYPE a gauge\na 1\n# HELP a x\n# TYPE a gauge\na{b=\"1\"} 1\n", "second HELP: # HELP a x"),
    ("# HELP h x\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n", "not a histogram: h"),
    ("# HELP h x\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n", "not a histogram: h"),
    ("# HELP h x\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 2\n", "not a histogram: h"),
    (
      "# HELP h x\n# TYPE h histogram\nh_bucket{a=\"1\",le=\"+Inf\"} 1\nh_sum{a=\"1\"} 1\nh_count{a=\"1\"} 1\nh_sum 1\n",
      "a sum or count without buckets: h"
    ),
  ]

  @Test(arguments: faults)
  func `an invalid text is a fault`(text: String, description: String) {
    let fault = #expect(throws: PrometheusText.Fault.self) { try PrometheusText(text) }
    #expect(fault?.description == description)
  }

  @Test func `a valid text has its families and values`() throws {
    let text = try PrometheusText(
      "# HELP a_total x \"y\"\n# TYPE a_total counter\na_total{b=\"c\\\"{},\"} 1\n"
        + "# HELP h x\n# TYPE h histogram\nh_bucket{p=\"/\",le=\"0.5\"} 1\nh_bucket{p=\"/\",le=\"+Inf\"} 3\nh_sum{p=\"/\"} 9.5\nh_count{p=\"/\"} 3\n"
    )
    #expect(text.families.mapValues(\.kind) == ["a_total": "counter", "h": "histogram"])
    #expect(text.value("a_total", #"b="c\"{},""#) == 1)
    #expect(text.value("h_bucket", #"p="/",le="0.5""#) == 1)
    #expect(text.value("h_sum", #"p="/""#) == 9.5)
    #expect(text.value("a_total") == nil)
  }
}

/// Gauges of one name, one for each combination of label values: `lag["netflix", "0"].set(12)`.
public struct GaugeFamily: Sendable {
  let family: MetricFamily

  /// Values in the order of the labels; their number is the labels'.
  public subscript(values: String...) -> Gauge { Gauge(sample: family.sample(values)) }

  public func remove(_ values: String...) { family.remove(values) }
}

/// Gauges with one name, one per combination of label values: `lag["netflix", "0"].set(12)`.
public struct GaugeFamily: Sendable {
  let family: MetricFamily

  /// The gauge for the label values, given in the order of the labels, one per label.
  public subscript(values: String...) -> Gauge { Gauge(sample: family.sample(values)) }

  /// Removes the gauge for the label values.
  public func remove(_ values: String...) { family.remove(values) }
}

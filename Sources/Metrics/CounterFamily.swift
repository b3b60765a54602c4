/// Counters of one name, one for each combination of label values: `batches["committed"].add()`.
public struct CounterFamily: Sendable {
  let family: MetricFamily

  /// Values in the order of the labels; their number is the labels'.
  public subscript(values: String...) -> Counter { Counter(sample: family.sample(values)) }

  public func remove(_ values: String...) { family.remove(values) }
}

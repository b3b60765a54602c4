/// Counters with one name, one per combination of label values: `batches["committed"].add()`.
public struct CounterFamily: Sendable {
  let family: MetricFamily

  /// The counter for the label values, given in the order of the labels, one per label.
  public subscript(values: String...) -> Counter { Counter(sample: family.sample(values)) }

  /// Removes the counter for the label values.
  public func remove(_ values: String...) { family.remove(values) }
}

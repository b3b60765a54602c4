/// A number as it is now: lag, open connections.
public struct Gauge: Sendable {
  let sample: MetricSample

  public var value: Double { sample.value }

  public func set(_ value: Double) { sample.set(value) }

  public func set(_ value: Int) { sample.set(Double(value)) }

  /// The amount may be negative.
  public func add(_ amount: Double) { sample.add(amount) }
}

/// A number that can go up and down: lag, open connections.
public struct Gauge: Sendable {
  let sample: MetricSample

  /// The current value.
  public var value: Double { sample.value }

  /// Sets the value.
  public func set(_ value: Double) { sample.set(value) }

  /// Sets a whole value.
  public func set(_ value: Int) { sample.set(Double(value)) }

  /// Adds an amount, which may be negative.
  public func add(_ amount: Double) { sample.add(amount) }
}

/// A number that only grows: rows, bytes, seconds spent. By convention its name ends in `_total`.
public struct Counter: Sendable {
  let sample: MetricSample

  public var value: Double { sample.value }

  /// A negative or undefined amount is no growth and changes nothing.
  public func add(_ amount: Double = 1) {
    if amount > 0 { sample.add(amount) }
  }

  public func add(_ amount: Int) { add(Double(amount)) }

  /// Adds the seconds of a duration.
  public func add(_ duration: Duration) { add(duration / .seconds(1)) }
}

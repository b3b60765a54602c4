/// A number that only increases: rows, bytes, seconds. By convention its name ends in `_total`.
public struct Counter: Sendable {
  let sample: MetricSample

  /// The current total.
  public var value: Double { sample.value }

  /// Adds an amount; a negative amount or NaN is ignored.
  public func add(_ amount: Double = 1) {
    if amount > 0 { sample.add(amount) }
  }

  /// Adds a whole amount.
  public func add(_ amount: Int) { add(Double(amount)) }

  /// Adds the seconds of a duration.
  public func add(_ duration: Duration) { add(duration / .seconds(1)) }
}

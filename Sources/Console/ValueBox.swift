/// Where a wrapped property keeps its value: reflection sees a copy of the property, so the value stands behind a reference.
final class ValueBox<Value> {
  var value: Value?
  var source = ValueSource.default

  init(_ value: Value? = nil) { self.value = value }

  /// The value, in a command that was parsed: the parser refuses to end without one.
  func get(_ wrapper: String) -> Value {
    guard let value else { preconditionFailure("@\(wrapper) without a default is read before the command line was parsed") }
    return value
  }
}

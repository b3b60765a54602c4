/// The storage of a wrapped property: reflection sees a copy of the property, so the value is stored behind a reference.
final class ValueBox<Value> {
  var value: Value?
  var source = ValueSource.default

  init(_ value: Value? = nil) { self.value = value }

  /// The value of a parsed command. The parser fails if a required value is missing.
  func get(_ wrapper: String) -> Value {
    guard let value else { preconditionFailure("@\(wrapper) without a default is read before the command line was parsed") }
    return value
  }
}

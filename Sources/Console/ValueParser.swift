/// Parses words into a value, and describes the value for help.
struct ValueParser<Value> {
  var allValues: [String] = []
  var isRepeatable = false
  var describe: (Value) -> String?
  /// Adds a word to the stored value; the first word replaces the default.
  var take: (String, ValueSource, ValueBox<Value>) throws -> Void
}

extension ValueParser where Value: ExpressibleByArgument {
  static func one(accepts: @escaping (Value) -> InvalidValue? = { _ in nil }) -> ValueParser {
    ValueParser(allValues: Value.allValueStrings, describe: { $0.defaultValueDescription }) { word, source, cell in
      cell.value = try Value.parse(word, accepts: accepts)
      cell.source = source
    }
  }
}

extension ValueParser {
  static func optional<Wrapped: ExpressibleByArgument>(accepts: @escaping (Wrapped) -> InvalidValue? = { _ in nil }) -> ValueParser
  where Value == Wrapped? {
    ValueParser(allValues: Wrapped.allValueStrings, describe: { $0?.defaultValueDescription }) { word, source, cell in
      cell.value = .some(try Wrapped.parse(word, accepts: accepts))
      cell.source = source
    }
  }

  static func many<Element: ExpressibleByArgument>() -> ValueParser where Value == [Element] {
    ValueParser(
      allValues: Element.allValueStrings, isRepeatable: true,
      describe: { $0.isEmpty ? nil : $0.map(\.defaultValueDescription).joined(separator: " ") }
    ) { word, source, cell in
      let element = try Element.parse(word, accepts: { _ in nil })
      cell.value = (cell.source == source ? cell.value ?? [] : []) + [element]
      cell.source = source
    }
  }

  static func transformed<Result>(_ transform: @escaping (String) throws -> Result, wrap: @escaping (Result) -> Value) -> ValueParser {
    ValueParser(describe: { _ in nil }) { word, source, cell in
      cell.value = wrap(try transform(word))
      cell.source = source
    }
  }
}

extension ExpressibleByArgument {
  fileprivate static func parse(_ word: String, accepts: (Self) -> InvalidValue?) throws -> Self {
    guard let value = Self(argument: word) else { throw InvalidValue(reason: valueKind) }
    if let refusal = accepts(value) { throw refusal }
    return value
  }
}

/// A check that a value is in a range: "a whole number from 1 to 100".
func within<Bound: ExpressibleByArgument & Comparable>(_ range: ClosedRange<Bound>) -> (Bound) -> InvalidValue? {
  { value in
    if range.contains(value) { return nil }
    let bounds = "\(range.lowerBound.defaultValueDescription) to \(range.upperBound.defaultValueDescription)"
    return InvalidValue(reason: "\(Bound.valueKind) from \(bounds)")
  }
}

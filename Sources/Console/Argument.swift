/// A positional argument: `netflix-producer FILE.csv`.
///
/// An array takes all remaining words.
@propertyWrapper
public struct Argument<Value>: ArgumentSetEntry {
  let cell: ValueBox<Value>
  let help: ArgumentHelp
  let parser: ValueParser<Value>

  /// The value; available after parsing.
  public var wrappedValue: Value {
    get { cell.get("Argument") }
    nonmutating set { cell.value = newValue }
  }

  func row(label: String) -> ArgumentDefinition {
    ArgumentDefinition(
      kind: .argument, spellings: [], valueName: help.valueName ?? NameSpecification.kebab(label), help: help, environment: nil,
      defaultText: help.defaultText ?? cell.value.flatMap(parser.describe), allValues: parser.allValues, isRequired: cell.value == nil,
      isRepeatable: parser.isRepeatable, set: { [cell, parser] in try parser.take($0, $1, cell) })
  }
}

extension Argument where Value: ExpressibleByArgument {
  /// A required argument.
  public init(help: ArgumentHelp = "") { self.init(cell: ValueBox(), help: help, parser: .one()) }

  /// An argument with a default.
  public init(wrappedValue: Value, help: ArgumentHelp = "") { self.init(cell: ValueBox(wrappedValue), help: help, parser: .one()) }
}

extension Argument {
  /// An optional argument.
  public init<Wrapped: ExpressibleByArgument>(wrappedValue: Wrapped? = nil, help: ArgumentHelp = "") where Value == Wrapped? {
    self.init(cell: ValueBox(.some(wrappedValue)), help: help, parser: .optional())
  }

  /// All remaining arguments.
  public init<Element: ExpressibleByArgument>(wrappedValue: [Element] = [], help: ArgumentHelp = "") where Value == [Element] {
    self.init(cell: ValueBox(wrappedValue), help: help, parser: .many())
  }
}

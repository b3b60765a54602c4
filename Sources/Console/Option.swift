/// `--name VALUE`, `--name=VALUE`, `-n VALUE` or `-nVALUE`.
///
/// A property with a default or of an optional type may be left out; an array takes the option as often as it stands there.
/// `environment` names a variable whose value counts where the option is absent; a variable that is empty counts as unset.
@propertyWrapper
public struct Option<Value>: ArgumentSetEntry {
  let cell: ValueBox<Value>
  let names: NameSpecification
  let help: ArgumentHelp
  let environment: String?
  let parser: ValueParser<Value>

  public var wrappedValue: Value {
    get { cell.get("Option") }
    nonmutating set { cell.value = newValue }
  }

  /// `$name.source`: who gave the value.
  public var projectedValue: Option<Value> { self }
  public var source: ValueSource { cell.source }
  /// Whether a person gave it, on the command line or by the environment.
  public var isGiven: Bool { cell.source != .default }

  func row(label: String) -> ArgumentDefinition {
    let spellings = names.spellings(label: label)
    let lastWord = spellings.last { $0.hasPrefix("--") }?.split(separator: "-").last ?? "value"
    return ArgumentDefinition(
      kind: .option, spellings: spellings, valueName: help.valueName ?? lastWord.uppercased(), help: help, environment: environment,
      defaultText: help.defaultText ?? cell.value.flatMap(parser.describe), allValues: parser.allValues, isRequired: cell.value == nil,
      isRepeatable: parser.isRepeatable, set: { [cell, parser] in try parser.take($0, $1, cell) })
  }
}

extension Option where Value: ExpressibleByArgument {
  public init(wrappedValue: Value, name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil) {
    self.init(cell: ValueBox(wrappedValue), names: name, help: help, environment: environment, parser: .one())
  }

  /// A required option.
  public init(name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil) {
    self.init(cell: ValueBox(), names: name, help: help, environment: environment, parser: .one())
  }

  /// A number within `range`.
  public init(
    wrappedValue: Value, name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil, in range: ClosedRange<Value>
  ) where Value: Comparable {
    self.init(cell: ValueBox(wrappedValue), names: name, help: help, environment: environment, parser: .one(accepts: within(range)))
  }
}

extension Option {
  public init<Wrapped: ExpressibleByArgument>(
    wrappedValue: Wrapped? = nil, name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil
  ) where Value == Wrapped? {
    self.init(cell: ValueBox(.some(wrappedValue)), names: name, help: help, environment: environment, parser: .optional())
  }

  public init<Wrapped: ExpressibleByArgument & Comparable>(
    wrappedValue: Wrapped? = nil, name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil,
    in range: ClosedRange<Wrapped>
  ) where Value == Wrapped? {
    let parser: ValueParser<Wrapped?> = .optional(accepts: within(range))
    self.init(cell: ValueBox(.some(wrappedValue)), names: name, help: help, environment: environment, parser: parser)
  }

  public init<Element: ExpressibleByArgument>(
    wrappedValue: [Element] = [], name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil
  ) where Value == [Element] {
    self.init(cell: ValueBox(wrappedValue), names: name, help: help, environment: environment, parser: .many())
  }

  /// A value of any type by a function of its own, which throws a ``CommandError`` where a word is none.
  public init<Wrapped>(
    wrappedValue: Wrapped? = nil, name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil,
    transform: @escaping (String) throws -> Wrapped
  ) where Value == Wrapped? {
    let parser: ValueParser<Wrapped?> = .transformed(transform, wrap: { $0 })
    self.init(cell: ValueBox(.some(wrappedValue)), names: name, help: help, environment: environment, parser: parser)
  }
}

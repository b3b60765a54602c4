/// `--name VALUE`, `--name=VALUE`, `-n VALUE` or `-nVALUE`.
///
/// The option is not required if the property has a default or an optional type; with an array it can be repeated.
/// `environment` is an environment variable that is used if the option is absent; an empty variable counts as unset.
@propertyWrapper
public struct Option<Value>: ArgumentSetEntry {
  let cell: ValueBox<Value>
  let names: NameSpecification
  let help: ArgumentHelp
  let environment: String?
  let parser: ValueParser<Value>

  /// The value; available after parsing.
  public var wrappedValue: Value {
    get { cell.get("Option") }
    nonmutating set { cell.value = newValue }
  }

  /// The option itself, for `$name.source` and `$name.isGiven`.
  public var projectedValue: Option<Value> { self }
  /// The source of the value.
  public var source: ValueSource { cell.source }
  /// Whether it was set on the command line or by the environment.
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
  /// An option with a default.
  public init(wrappedValue: Value, name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil) {
    self.init(cell: ValueBox(wrappedValue), names: name, help: help, environment: environment, parser: .one())
  }

  /// A required option.
  public init(name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil) {
    self.init(cell: ValueBox(), names: name, help: help, environment: environment, parser: .one())
  }

  /// An option with a default, whose value must be in `range`.
  public init(
    wrappedValue: Value, name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil, in range: ClosedRange<Value>
  ) where Value: Comparable {
    self.init(cell: ValueBox(wrappedValue), names: name, help: help, environment: environment, parser: .one(accepts: within(range)))
  }
}

extension Option {
  /// An option without a default.
  public init<Wrapped: ExpressibleByArgument>(
    wrappedValue: Wrapped? = nil, name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil
  ) where Value == Wrapped? {
    self.init(cell: ValueBox(.some(wrappedValue)), names: name, help: help, environment: environment, parser: .optional())
  }

  /// An option without a default, whose value must be in `range`.
  public init<Wrapped: ExpressibleByArgument & Comparable>(
    wrappedValue: Wrapped? = nil, name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil,
    in range: ClosedRange<Wrapped>
  ) where Value == Wrapped? {
    let parser: ValueParser<Wrapped?> = .optional(accepts: within(range))
    self.init(cell: ValueBox(.some(wrappedValue)), names: name, help: help, environment: environment, parser: parser)
  }

  /// A repeatable option.
  public init<Element: ExpressibleByArgument>(
    wrappedValue: [Element] = [], name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil
  ) where Value == [Element] {
    self.init(cell: ValueBox(wrappedValue), names: name, help: help, environment: environment, parser: .many())
  }

  /// An option parsed by `transform`, which throws a ``CommandError`` for an invalid word.
  public init<Wrapped>(
    wrappedValue: Wrapped? = nil, name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil,
    transform: @escaping (String) throws -> Wrapped
  ) where Value == Wrapped? {
    let parser: ValueParser<Wrapped?> = .transformed(transform, wrap: { $0 })
    self.init(cell: ValueBox(.some(wrappedValue)), names: name, help: help, environment: environment, parser: parser)
  }
}

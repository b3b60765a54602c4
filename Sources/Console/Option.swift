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

  /// The option itself, for `$name.source`.
  public var projectedValue: Option<Value> { self }
  /// The source of the value.
  public var source: ValueSource { cell.source }

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

/// A switch, for example `--json`. An integer flag counts its occurrences: `-vv`.
@propertyWrapper
public struct Flag<Value>: ArgumentSetEntry {
  let cell: ValueBox<Value>
  let names: NameSpecification
  let help: ArgumentHelp
  let take: (ValueBox<Value>) -> Void

  /// Whether, or how often, the flag was given.
  public var wrappedValue: Value {
    get { cell.get("Flag") }
    nonmutating set { cell.value = newValue }
  }

  func row(label: String) -> ArgumentDefinition {
    ArgumentDefinition(
      kind: .flag, spellings: names.spellings(label: label), valueName: "", help: help, isRepeatable: true,
      set: { [cell, take] _, _ in take(cell) })
  }
}

extension Flag where Value == Bool {
  /// A flag that is on or off.
  public init(wrappedValue: Bool = false, name: NameSpecification = .long, help: ArgumentHelp = "") {
    self.init(cell: ValueBox(wrappedValue), names: name, help: help, take: { $0.value = true })
  }
}

extension Flag where Value == Int {
  /// A flag that counts its occurrences.
  public init(wrappedValue: Int = 0, name: NameSpecification = .long, help: ArgumentHelp = "") {
    self.init(cell: ValueBox(wrappedValue), names: name, help: help, take: { $0.value = ($0.value ?? 0) + 1 })
  }
}

/// Options shared by several commands, under their own heading in `--help`.
@propertyWrapper
public struct OptionGroup<Group: ParsableArguments>: ArgumentSetGroup {
  let cell: ValueBox<Group>
  let title: String?

  /// A group; `title` is its heading in `--help`, nil: no heading.
  public init(title: String? = nil) {
    cell = ValueBox(Group())
    self.title = title
  }

  /// The group's options; available after parsing.
  public var wrappedValue: Group {
    get { cell.get("OptionGroup") }
    nonmutating set { cell.value = newValue }
  }

  var rows: [ArgumentDefinition] {
    ArgumentSet.rows(of: wrappedValue).map { row in
      var row = row
      row.section = row.section ?? title
      return row
    }
  }

  func validate() throws {
    try ArgumentSet.validateGroups(of: wrappedValue)
    var group = wrappedValue
    try group.validate()
    wrappedValue = group
  }
}

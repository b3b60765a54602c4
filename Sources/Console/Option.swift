/// `--name VALUE`, `--name=VALUE`, `-n VALUE` or `-nVALUE`.
///
/// The option is not required if the property has a default or an optional type; with an array it can be repeated.
/// An empty value is a usage error. `environment` is an environment variable that is used if the option is absent; an empty variable counts as
/// unset.
@propertyWrapper
package struct Option<Value>: ArgumentSetEntry {
  let box: ValueBox<Value>
  let names: NameSpecification
  let help: ArgumentHelp
  let environment: String?
  let parser: ValueParser<Value>

  /// The value; available after parsing.
  package var wrappedValue: Value {
    get { box.get("Option") }
    nonmutating set { box.value = newValue }
  }

  /// The option itself, for `$name.source`.
  package var projectedValue: Option<Value> { self }
  /// The source of the value.
  package var source: ValueSource { box.source }

  func definition(label: String) -> ArgumentDefinition {
    let spellings = names.spellings(label: label)
    let lastWord = spellings.last { $0.hasPrefix("--") }?.split(separator: "-").last ?? "value"
    return ArgumentDefinition(
      kind: .option, spellings: spellings, valueName: help.valueName ?? lastWord.uppercased(), help: help, environment: environment,
      defaultText: help.defaultText ?? box.value.flatMap(parser.describe), allValues: parser.allValues, isRequired: box.value == nil,
      isRepeatable: parser.isRepeatable, set: { [box, parser] in try parser.assign($0, $1, box) })
  }
}

extension Option where Value: ExpressibleByArgument {
  /// An option with a default.
  package init(wrappedValue: Value, name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil) {
    self.init(box: ValueBox(wrappedValue), names: name, help: help, environment: environment, parser: .one())
  }

  /// A required option.
  package init(name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil) {
    self.init(box: ValueBox(), names: name, help: help, environment: environment, parser: .one())
  }

  /// An option with a default, whose value must be in `range`.
  package init(
    wrappedValue: Value, name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil, in range: ClosedRange<Value>
  ) where Value: Comparable {
    self.init(box: ValueBox(wrappedValue), names: name, help: help, environment: environment, parser: .one(accepts: within(range)))
  }
}

extension Option {
  /// An option without a default.
  package init<Wrapped: ExpressibleByArgument>(
    wrappedValue: Wrapped? = nil, name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil
  ) where Value == Wrapped? {
    self.init(box: ValueBox(.some(wrappedValue)), names: name, help: help, environment: environment, parser: .optional())
  }

  /// An option without a default, whose value must be in `range`.
  package init<Wrapped: ExpressibleByArgument & Comparable>(
    wrappedValue: Wrapped? = nil, name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil,
    in range: ClosedRange<Wrapped>
  ) where Value == Wrapped? {
    let parser: ValueParser<Wrapped?> = .optional(accepts: within(range))
    self.init(box: ValueBox(.some(wrappedValue)), names: name, help: help, environment: environment, parser: parser)
  }

  /// A repeatable option.
  package init<Element: ExpressibleByArgument>(
    wrappedValue: [Element] = [], name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil
  ) where Value == [Element] {
    self.init(box: ValueBox(wrappedValue), names: name, help: help, environment: environment, parser: .many())
  }

  /// An option parsed by `transform`, which throws a ``CommandError`` for an invalid word.
  package init<Wrapped>(
    wrappedValue: Wrapped? = nil, name: NameSpecification = .long, help: ArgumentHelp = "", environment: String? = nil,
    transform: @escaping (String) throws -> Wrapped
  ) where Value == Wrapped? {
    let parser: ValueParser<Wrapped?> = .transformed(transform, wrap: { $0 })
    self.init(box: ValueBox(.some(wrappedValue)), names: name, help: help, environment: environment, parser: parser)
  }
}

/// A positional argument: `netflix-producer FILE.csv`.
///
/// An array takes all remaining words.
@propertyWrapper
package struct Argument<Value>: ArgumentSetEntry {
  let box: ValueBox<Value>
  let help: ArgumentHelp
  let parser: ValueParser<Value>

  /// The value; available after parsing.
  package var wrappedValue: Value {
    get { box.get("Argument") }
    nonmutating set { box.value = newValue }
  }

  func definition(label: String) -> ArgumentDefinition {
    ArgumentDefinition(
      kind: .argument, spellings: [], valueName: help.valueName ?? NameSpecification.kebab(label), help: help, environment: nil,
      defaultText: help.defaultText ?? box.value.flatMap(parser.describe), allValues: parser.allValues, isRequired: box.value == nil,
      isRepeatable: parser.isRepeatable, set: { [box, parser] in try parser.assign($0, $1, box) })
  }
}

extension Argument where Value: ExpressibleByArgument {
  /// A required argument.
  package init(help: ArgumentHelp = "") { self.init(box: ValueBox(), help: help, parser: .one()) }

  /// An argument with a default.
  package init(wrappedValue: Value, help: ArgumentHelp = "") { self.init(box: ValueBox(wrappedValue), help: help, parser: .one()) }
}

extension Argument {
  /// An optional argument.
  package init<Wrapped: ExpressibleByArgument>(wrappedValue: Wrapped? = nil, help: ArgumentHelp = "") where Value == Wrapped? {
    self.init(box: ValueBox(.some(wrappedValue)), help: help, parser: .optional())
  }

  /// All remaining arguments.
  package init<Element: ExpressibleByArgument>(wrappedValue: [Element] = [], help: ArgumentHelp = "") where Value == [Element] {
    self.init(box: ValueBox(wrappedValue), help: help, parser: .many())
  }
}

/// A switch, for example `--json`. An integer flag counts its occurrences: `-vv`.
@propertyWrapper
package struct Flag<Value>: ArgumentSetEntry {
  let box: ValueBox<Value>
  let names: NameSpecification
  let help: ArgumentHelp
  let assign: (ValueBox<Value>) -> Void

  /// Whether, or how often, the flag was given.
  package var wrappedValue: Value {
    get { box.get("Flag") }
    nonmutating set { box.value = newValue }
  }

  func definition(label: String) -> ArgumentDefinition {
    ArgumentDefinition(
      kind: .flag, spellings: names.spellings(label: label), valueName: "", help: help, isRepeatable: true,
      set: { [box, assign] _, _ in assign(box) })
  }
}

extension Flag where Value == Bool {
  /// A flag that is on or off.
  package init(wrappedValue: Bool = false, name: NameSpecification = .long, help: ArgumentHelp = "") {
    self.init(box: ValueBox(wrappedValue), names: name, help: help, assign: { $0.value = true })
  }
}

extension Flag where Value == Int {
  /// A flag that counts its occurrences.
  package init(wrappedValue: Int = 0, name: NameSpecification = .long, help: ArgumentHelp = "") {
    self.init(box: ValueBox(wrappedValue), names: name, help: help, assign: { $0.value = ($0.value ?? 0) + 1 })
  }
}

/// Options shared by several commands, under their own heading in `--help`.
@propertyWrapper
package struct OptionGroup<Group: ParsableArguments>: ArgumentSetGroup {
  let box: ValueBox<Group>
  let title: String?

  /// A group; `title` is its heading in `--help`, nil: no heading.
  package init(title: String? = nil) {
    box = ValueBox(Group())
    self.title = title
  }

  /// The group's options; available after parsing.
  package var wrappedValue: Group {
    get { box.get("OptionGroup") }
    nonmutating set { box.value = newValue }
  }

  var definitions: [ArgumentDefinition] {
    ArgumentSet.definitions(of: wrappedValue).map { definition in
      var definition = definition
      definition.section = definition.section ?? title
      return definition
    }
  }

  func validate() throws {
    try ArgumentSet.validateGroups(of: wrappedValue)
    var group = wrappedValue
    try group.validate()
    wrappedValue = group
  }
}

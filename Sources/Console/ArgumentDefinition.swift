/// One argument, option or flag of a command: its spellings, its help text, and how to store its value.
struct ArgumentDefinition {
  enum Kind { case argument, option, flag }

  var kind: Kind
  /// With their dashes; empty for an argument.
  var spellings: [String]
  var valueName: String
  var help: ArgumentHelp
  var environment: String?
  /// The default, as written on the command line.
  var defaultText: String?
  var allValues: [String] = []
  var isRequired = false
  var isRepeatable = false
  /// Heading in `--help`; nil for the command's own options.
  var section: String?
  /// Parses and stores one word; throws ``InvalidValue``. A flag gets "true" once per occurrence.
  var set: (String, ValueSource) throws -> Void

  /// Its name in error messages.
  var title: String { kind == .argument ? "<\(valueName)>" : spellings.last ?? valueName }
}

/// Why a word is not a valid value: completes "'abc' is not …".
struct InvalidValue: Error {
  var reason: String
}

/// A wrapped property that defines one argument, option or flag.
protocol ArgumentSetEntry {
  func definition(label: String) -> ArgumentDefinition
}

/// A wrapped property that defines a group of options.
protocol ArgumentSetGroup {
  var definitions: [ArgumentDefinition] { get }
  func validate() throws
}

/// Reads the definitions from a command's properties.
enum ArgumentSet {
  static func definitions(of command: Any) -> [ArgumentDefinition] {
    Mirror(reflecting: command).children.flatMap { child -> [ArgumentDefinition] in
      if let group = child.value as? any ArgumentSetGroup { return group.definitions }
      guard let entry = child.value as? any ArgumentSetEntry, let label = child.label else { return [] }
      return [entry.definition(label: String(label.drop(while: { $0 == "_" })))]
    }
  }

  static func validateGroups(of command: Any) throws {
    for child in Mirror(reflecting: command).children {
      try (child.value as? any ArgumentSetGroup)?.validate()
    }
  }
}

/// The `--help` text of one option.
package struct ArgumentHelp: Sendable, ExpressibleByStringInterpolation {
  /// One or two sentences. The default and the environment variable are added automatically.
  package var abstract: String
  /// The placeholder for the value: `--dataset FILE`.
  package var valueName: String?
  /// A description of a default that is not a constant, for example "datapackage.json in the CSV's folder".
  package var defaultText: String?

  /// The help text of an option.
  package init(_ abstract: String, valueName: String? = nil, default defaultText: String? = nil) {
    self.abstract = abstract
    self.valueName = valueName
    self.defaultText = defaultText
  }

  /// A text without a value name or a default.
  package init(stringLiteral value: String) { self.init(value) }
}

/// The spellings of an option; by default a long name from the property's name: `--bootstrap-servers`.
package struct NameSpecification: Sendable, ExpressibleByArrayLiteral {
  /// One spelling.
  package enum Element: Sendable {
    case long, short, customLong(String), customShort(Character)
  }

  var elements: [Element]

  /// Several spellings.
  package init(arrayLiteral elements: Element...) { self.elements = elements }

  /// `--property-name`
  package static let long: NameSpecification = [.long]
  /// `-p` and `--property-name`
  package static let shortAndLong: NameSpecification = [.short, .long]
  /// `--name`
  package static func customLong(_ name: String) -> NameSpecification { [.customLong(name)] }
  /// `-n`
  package static func customShort(_ name: Character) -> NameSpecification { [.customShort(name)] }

  /// The spellings with their dashes, short ones first, for a property with the name `label`.
  func spellings(label: String) -> [String] {
    let all = elements.map { element in
      switch element {
      case .long: "--" + Self.kebab(label)
      case .short: "-" + label.prefix(1)
      case .customLong(let name): "--" + name
      case .customShort(let name): "-\(name)"
      }
    }
    return all.filter { !$0.hasPrefix("--") } + all.filter { $0.hasPrefix("--") }
  }

  /// `bootstrapServers` → `bootstrap-servers`
  static func kebab(_ label: String) -> String {
    var result = ""
    for character in label {
      if character.isUppercase {
        result += "-" + character.lowercased()
      } else {
        result.append(character)
      }
    }
    return result
  }
}

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

/// The source of an option's value.
package enum ValueSource: Sendable {
  case `default`, environment, commandLine
}

/// Parses words into a value, and describes the value for help.
struct ValueParser<Value> {
  var allValues: [String] = []
  var isRepeatable = false
  var describe: (Value) -> String?
  /// Adds a word to the stored value; the first word replaces the default.
  var assign: (String, ValueSource, ValueBox<Value>) throws -> Void
}

extension ValueParser where Value: ExpressibleByArgument {
  static func one(accepts: @escaping (Value) -> InvalidValue? = { _ in nil }) -> ValueParser {
    ValueParser(allValues: Value.allValueStrings, describe: { $0.defaultValueDescription }) { word, source, box in
      box.value = try Value.parse(word, accepts: accepts)
      box.source = source
    }
  }
}

extension ValueParser {
  static func optional<Wrapped: ExpressibleByArgument>(accepts: @escaping (Wrapped) -> InvalidValue? = { _ in nil }) -> ValueParser
  where Value == Wrapped? {
    ValueParser(allValues: Wrapped.allValueStrings, describe: { $0?.defaultValueDescription }) { word, source, box in
      box.value = .some(try Wrapped.parse(word, accepts: accepts))
      box.source = source
    }
  }

  static func many<Element: ExpressibleByArgument>() -> ValueParser where Value == [Element] {
    ValueParser(
      allValues: Element.allValueStrings, isRepeatable: true,
      describe: { $0.isEmpty ? nil : $0.map(\.defaultValueDescription).joined(separator: " ") }
    ) { word, source, box in
      let element = try Element.parse(word, accepts: { _ in nil })
      box.value = (box.source == source ? box.value ?? [] : []) + [element]
      box.source = source
    }
  }

  static func transformed<Result>(_ transform: @escaping (String) throws -> Result, wrap: @escaping (Result) -> Value) -> ValueParser {
    ValueParser(describe: { _ in nil }) { word, source, box in
      box.value = wrap(try transform(word))
      box.source = source
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

/// A type that can be parsed from a command-line word or an environment variable.
package protocol ExpressibleByArgument {
  /// The value of a word; nil if the word is not valid.
  init?(argument: String)
  /// A noun phrase for error messages: "… is not a whole number".
  static var valueKind: String { get }
  /// All valid words, if they can be listed.
  static var allValueStrings: [String] { get }
  /// This value as written on the command line, for `--help`.
  var defaultValueDescription: String { get }
}

extension ExpressibleByArgument {
  /// The default noun phrase.
  package static var valueKind: String { "a valid value" }
  /// Empty: the values are not listed.
  package static var allValueStrings: [String] { [] }
  /// Swift's description of the value.
  package var defaultValueDescription: String { "\(self)" }
}

extension ExpressibleByArgument where Self: CaseIterable & RawRepresentable, RawValue == String {
  /// The case with this raw value.
  package init?(argument: String) { self.init(rawValue: argument) }
  /// All raw values in a phrase.
  package static var valueKind: String { "one of \(allValueStrings.joined(separator: ", "))" }
  /// All raw values.
  package static var allValueStrings: [String] { allCases.map(\.rawValue) }
  /// The raw value.
  package var defaultValueDescription: String { rawValue }
}

extension String: ExpressibleByArgument {
  /// Any text.
  package init?(argument: String) { self = argument }
  /// The noun phrase for a string.
  package static var valueKind: String { "a text" }
}

extension Int: ExpressibleByArgument {
  /// A decimal integer; else nil.
  package init?(argument: String) { self.init(argument) }
  /// The noun phrase for an integer.
  package static var valueKind: String { "a whole number" }
}

extension Double: ExpressibleByArgument {
  /// A finite number; else nil.
  package init?(argument: String) {
    self.init(argument)
    guard isFinite else { return nil }
  }
  /// The noun phrase for a number.
  package static var valueKind: String { "a number" }
  /// The number, without a fraction if it is whole.
  package var defaultValueDescription: String {
    self == rounded() && magnitude < 1e15 ? "\(Int(self))" : "\(self)"
  }
}

extension UInt16: ExpressibleByArgument {
  /// A decimal integer from 0 to 65535; else nil.
  package init?(argument: String) { self.init(argument) }
  /// The noun phrase with the range.
  package static var valueKind: String { "a whole number from 0 to 65535" }
}

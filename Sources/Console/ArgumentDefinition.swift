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
  func row(label: String) -> ArgumentDefinition
}

/// A wrapped property that defines a group of options.
protocol ArgumentSetGroup {
  var rows: [ArgumentDefinition] { get }
  func validate() throws
}

/// Reads the definitions from a command's properties.
enum ArgumentSet {
  static func rows(of command: Any) -> [ArgumentDefinition] {
    Mirror(reflecting: command).children.flatMap { child -> [ArgumentDefinition] in
      if let group = child.value as? any ArgumentSetGroup { return group.rows }
      guard let entry = child.value as? any ArgumentSetEntry, let label = child.label else { return [] }
      return [entry.row(label: String(label.drop(while: { $0 == "_" })))]
    }
  }

  static func validateGroups(of command: Any) throws {
    for child in Mirror(reflecting: command).children {
      try (child.value as? any ArgumentSetGroup)?.validate()
    }
  }
}

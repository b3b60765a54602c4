/// One line of the table that a command's properties make: how it is spelled, what help says, and where its value goes.
struct ArgumentDefinition {
  enum Kind { case argument, option, flag }

  var kind: Kind
  /// With their dashes; an argument has none.
  var spellings: [String]
  var valueName: String
  var help: ArgumentHelp
  var environment: String?
  /// The default as the command line would spell it.
  var defaultText: String?
  var allValues: [String] = []
  var isRequired = false
  var isRepeatable = false
  /// Heading in `--help`; nil for a command's own.
  var section: String?
  /// Takes one word; throws ``InvalidValue``. A flag is given "true", once for each time it stands there.
  var set: (String, ValueSource) throws -> Void

  /// What an error message calls it.
  var title: String { kind == .argument ? "<\(valueName)>" : spellings.last ?? valueName }
}

/// Why a word cannot be a value: completes «'abc' is not …».
struct InvalidValue: Error {
  var reason: String
}

/// A wrapped property that has a line in the table.
protocol ArgumentSetEntry {
  func row(label: String) -> ArgumentDefinition
}

/// A wrapped property that has a table of its own.
protocol ArgumentSetGroup {
  var rows: [ArgumentDefinition] { get }
  func validate() throws
}

/// Reads the table off a command.
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

/// One line of the table that a command's properties make: how it is spelled, what help says, and where its value goes.
struct OptionRow {
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
  /// Takes one word; throws ``Refusal``. A flag is given "true", once for each time it stands there.
  var set: (String, ValueSource) throws -> Void

  /// What an error message calls it.
  var title: String { kind == .argument ? "<\(valueName)>" : spellings.last ?? valueName }
}

/// Why a word cannot be a value: completes «'abc' is not …».
struct Refusal: Error {
  var reason: String
}

/// A wrapped property that has a line in the table.
protocol OptionTableEntry {
  func row(label: String) -> OptionRow
}

/// A wrapped property that has a table of its own.
protocol OptionTableGroup {
  var rows: [OptionRow] { get }
  func validate() throws
}

/// Reads the table off a command.
enum OptionTable {
  static func rows(of command: Any) -> [OptionRow] {
    Mirror(reflecting: command).children.flatMap { child -> [OptionRow] in
      if let group = child.value as? any OptionTableGroup { return group.rows }
      guard let entry = child.value as? any OptionTableEntry, let label = child.label else { return [] }
      return [entry.row(label: String(label.drop(while: { $0 == "_" })))]
    }
  }

  static func validateGroups(of command: Any) throws {
    for child in Mirror(reflecting: command).children {
      try (child.value as? any OptionTableGroup)?.validate()
    }
  }
}

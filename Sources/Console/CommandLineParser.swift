import Glibc
import Support

/// Parses the words of a command line into the values of the definitions.
struct CommandLineParser {
  let definitions: [ArgumentDefinition]
  /// The command with its program, for example `netflix demo`; used in hints.
  let path: String
  let environment: (String) -> String?

  /// The environment variables that stand for options, with their values.
  private(set) var variables: [(option: String, name: String, value: String)] = []

  private var parsedValues: [Int: [String]] = [:]
  private var positional: [String] = []

  init(definitions: [ArgumentDefinition], path: String, environment: @escaping (String) -> String?) {
    self.definitions = definitions
    self.path = path
    self.environment = environment
  }

  mutating func parse(_ arguments: [String]) throws {
    var rest = arguments[...]
    while let word = rest.popFirst() {
      if word == "--" {
        positional += rest
        break
      } else if word.hasPrefix("--") {
        try long(word, &rest)
      } else if word.hasPrefix("-"), word != "-" {
        try short(word, &rest)
      } else {
        positional.append(word)
      }
    }
    try fill()
  }

  private mutating func long(_ word: String, _ rest: inout ArraySlice<String>) throws {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let index = definitions.firstIndex(where: { $0.spellings.contains(name) }) else { throw unknown(name) }
    if definitions[index].kind == .flag {
      guard parts.count == 1 else { throw usage("\(name) takes no value") }
      parsedValues[index, default: []].append("true")
    } else {
      parsedValues[index, default: []].append(try parts.count == 2 ? String(parts[1]) : value(of: definitions[index], as: name, &rest))
    }
  }

  /// `-v`, `-vv`, `-X key=value`, `-Xkey=value`.
  private mutating func short(_ word: String, _ rest: inout ArraySlice<String>) throws {
    var letters = word.dropFirst()
    while let letter = letters.popFirst() {
      let name = "-\(letter)"
      guard let index = definitions.firstIndex(where: { $0.spellings.contains(name) }) else { throw unknown(name) }
      if definitions[index].kind == .flag {
        parsedValues[index, default: []].append("true")
      } else {
        parsedValues[index, default: []].append(try letters.isEmpty ? value(of: definitions[index], as: name, &rest) : String(letters))
        return
      }
    }
  }

  private func value(of definition: ArgumentDefinition, as name: String, _ rest: inout ArraySlice<String>) throws -> String {
    // A word with a leading dash is an option, unless it is a single dash or a negative number.
    if let next = rest.first, !next.hasPrefix("-") || next == "-" || Double(next) != nil {
      rest.removeFirst()
      return next
    }
    let equals = definition.spellings.last { $0.hasPrefix("--") }.map { " Write a value that starts with a dash as \($0)=VALUE." } ?? ""
    throw usage("\(name) needs a value (\(definition.valueName))", equals)
  }

  private mutating func fill() throws {
    var arguments = positional[...]
    for (index, definition) in definitions.enumerated() where definition.kind == .argument {
      if definition.isRepeatable {
        parsedValues[index] = Array(arguments)
        arguments = []
      } else if let word = arguments.popFirst() {
        parsedValues[index] = [word]
      }
    }
    if let extra = arguments.first { throw usage("unexpected argument '\(extra)'") }

    for (index, definition) in definitions.enumerated() {
      if let values = parsedValues[index], !values.isEmpty {
        for value in values {
          guard !value.isEmpty else { throw usage("\(definition.title): the value is empty", "Is a variable of the shell unset?") }
          try set(definition, value, .commandLine, from: definition.title)
        }
      } else if let variable = definition.environment, let value = environment(variable), !value.isEmpty {
        try set(definition, value, .environment, from: variable)
        variables.append((definition.title, variable, value))
      } else if definition.isRequired {
        let variable = definition.environment.map { ", or the environment variable \($0)" } ?? ""
        throw usage(definition.kind == .argument ? "missing argument \(definition.title)" : "missing option \(definition.title)\(variable)")
      }
    }
  }

  private func set(_ definition: ArgumentDefinition, _ value: String, _ source: ValueSource, from name: String) throws {
    do {
      try definition.set(value, source)
    } catch let refusal as InvalidValue {
      let nearest = EditDistance.suggestion(for: value, among: definition.allValues).map { " Did you mean \($0)?" } ?? ""
      throw usage("\(name): '\(value)' is not \(refusal.reason)", nearest)
    }
  }

  private func unknown(_ name: String) -> CommandError {
    let known = definitions.flatMap(\.spellings) + ["--help"]
    // A long option with a single dash is a common mistake.
    return usage("unknown option \(name)", EditDistance.suggestion(for: name, among: known).map { " Did you mean \($0)?" } ?? "")
  }

  private func usage(_ message: String, _ hint: String = "") -> CommandError {
    CommandError(.usage, message, hint: "\(hint) '\(path) --help' explains all options.".trimmingLeadingBlanks)
  }
}

extension String {
  var trimmingLeadingBlanks: String { String(drop(while: { $0 == " " })) }
}

extension EditDistance {
  /// The candidate that a typing error or an abbreviation may mean.
  static func suggestion(for word: String, among candidates: [String]) -> String? {
    if let nearest = nearest(to: word, among: candidates, limit: max(1, word.count / 3)) { return nearest }
    // `--bootstrap` for `--bootstrap-servers`
    let longer = word.count > 3 ? candidates.filter { $0.hasPrefix(word) } : []
    return longer.count == 1 ? longer[0] : nil
  }
}

/// The process's environment variables.
package enum Environment {
  /// The value of a variable; nil if it is not set.
  package static func value(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// Unsets all variables whose names start with one of the prefixes. Call it before any thread starts: getenv(3) is not thread-safe with it.
  package static func remove(prefixes: [String]) {
    var names: [String] = []
    var entry = environ
    while let pointer = entry.pointee {
      names.append(String(String(cString: pointer).prefix { $0 != "=" }))
      entry += 1
    }
    for name in names where prefixes.contains(where: { name.hasPrefix($0) }) { unsetenv(name) }
  }
}

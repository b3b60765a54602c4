extension CommandError {
  /// Whether the message is about an option, and not about another one that its spelling begins.
  fileprivate func names(_ option: String) -> Bool {
    var rest = message[...]
    while let found = rest.firstRange(of: option) {
      rest = rest[found.upperBound...]
      if rest.first.map({ !$0.isLetter && $0 != "-" }) ?? true { return true }
    }
    return false
  }
}

/// What a command line asks for.
public enum Invocation {
  /// Run this command.
  case run(any ParsableCommand)
  /// Print this text to standard output, and exit.
  case show(String)
}

extension ParsableCommand {
  /// Parses a command line (without the program's name).
  ///
  /// - Throws: ``CommandError`` with code 64 (usage).
  public static func parse(
    _ words: [String], path: String? = nil, environment: @escaping (String) -> String? = Environment.value
  ) throws -> Invocation {
    let path = path ?? commandName
    var command = Self()
    let rows = ArgumentSet.rows(of: command)
    let help = HelpText(configuration: configuration, path: path, rows: rows, width: min(Terminal.columns, 100)).text
    // `--help` after `--` is an argument; an option's value is never one of these words.
    let asks = words.prefix { $0 != "--" }
    let subcommands = configuration.subcommands

    if !subcommands.isEmpty {
      if let name = words.first, !name.hasPrefix("-") {
        if name == "help" {
          return words.count == 1 ? .show(help) : try parse([words[1], "--help"], path: path, environment: environment)
        }
        guard let next = subcommands.first(where: { $0.commandName == name }) else {
          let nearest = EditDistance.nearest(to: name, among: subcommands.map { $0.commandName }).map { "Did you mean \($0)? " } ?? ""
          throw CommandError(.usage, "unknown command '\(name)'", advice: "\(nearest)'\(path) --help' lists them.")
        }
        return try next.parse(Array(words.dropFirst()), path: "\(path) \(name)", environment: environment)
      }
      if words.isEmpty { throw CommandError(.usage, "which command?", advice: help) }
    }

    if asks.contains("--help") || asks.contains("-h") { return .show(help) }
    // A command's version is its program's.
    if asks.contains("--version") { return .show("\(path.prefix { $0 != " " }) \(productVersion)\n") }

    var parser = CommandLineParser(rows: rows, path: path, environment: environment)
    try parser.parse(words)
    do {
      try ArgumentSet.validateGroups(of: command)
      try command.validate()
    } catch {
      // Nobody looks for an option that is not on the command line.
      var failure = CommandError(error)
      let blamed = parser.variables.filter { failure.names($0.option) || failure.message.contains("'\($0.value)'") }
      if !blamed.isEmpty {
        failure.message += " (\(blamed.map { "\($0.option) is set by the environment variable \($0.name)" }.joined(separator: ", ")))"
      }
      throw failure
    }
    return .run(command)
  }
}

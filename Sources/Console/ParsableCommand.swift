import Glibc
import Support

/// A set of options: a command, or a group shared by several commands.
///
/// Properties wrapped in ``Argument``, ``Option``, ``Flag`` and ``OptionGroup`` are read by reflection from a new instance.
/// A copy shares its values with the original, so do not keep copies.
package protocol ParsableArguments: SendableMetatype {
  /// An instance with the default values.
  init()
  /// Checks combinations of options; throws a ``CommandError`` with code 64 (usage).
  mutating func validate() throws
}

extension ParsableArguments {
  /// Accepts everything: throws nothing.
  package mutating func validate() throws {}
}

/// A program or one of its subcommands.
package protocol ParsableCommand: ParsableArguments {
  /// The command's name and help text.
  static var configuration: CommandConfiguration { get }
  /// Runs the command. Throws a ``CommandErrorConvertible`` error or an ``ExitCode``.
  mutating func run() throws
}

extension ParsableCommand {
  /// The default for a command with subcommands only: a usage error.
  package mutating func run() throws {
    throw CommandError(.usage, "which command?")
  }

  /// The configured name, or the type's name in kebab case without `Command`.
  package static var commandName: String {
    if let name = configuration.commandName { return name }
    let type = "\(Self.self)"
    let kebab = NameSpecification.kebab(type.hasSuffix("Command") ? String(type.dropLast("Command".count)) : type)
    return String(kebab.drop(while: { $0 == "-" }))
  }
}

extension ParsableCommand {
  /// The program's entry point: parses the command line, runs the command, and exits with its exit code.
  package static func main() {
    exit(run(Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  /// Runs a command line, and reports an error on standard error.
  package static func run(_ words: [String], environment: @escaping (String) -> String? = Environment.value) -> ExitCode {
    ProcessSetup.run()
    do {
      switch try parse(words, environment: environment) {
      case .show(let text):
        try StandardOutput.print(text, terminator: "")
      case .run(var command):
        try ProcessSetup.checkMemory()
        try command.run()
      }
      return .ok
    } catch let code as ExitCode {
      return code
    } catch is BrokenPipe {
      // The reader closed the pipe (for example `… | head`): this is success.
      return .ok
    } catch {
      let failure = CommandError(error)
      Log.report(failure)
      return failure.code
    }
  }
}

extension CommandError {
  /// Whether the message contains this option, and not only a longer one with the same beginning.
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
package enum Invocation {
  /// Run this command.
  case run(any ParsableCommand)
  /// Print this text to standard output, and exit.
  case show(String)
}

extension ParsableCommand {
  /// Parses a command line (without the program's name).
  ///
  /// - Throws: ``CommandError`` with code 64 (usage).
  package static func parse(
    _ words: [String], path: String? = nil, environment: @escaping (String) -> String? = Environment.value
  ) throws -> Invocation {
    let path = path ?? commandName
    var command = Self()
    let definitions = ArgumentSet.definitions(of: command)
    let isProgram = path == commandName
    let help = HelpText(configuration: configuration, path: path, definitions: definitions, width: min(Terminal.columns, 100)).text
    // `--help` after `--` is an argument; an option's value is never one of these words.
    let asks = words.prefix { $0 != "--" }
    let subcommands = configuration.subcommands

    if !subcommands.isEmpty {
      if let name = words.first, !name.hasPrefix("-") {
        if name == "help" {
          return words.count == 1 ? .show(help) : try parse(words.dropFirst() + ["--help"], path: path, environment: environment)
        }
        guard let next = subcommands.first(where: { $0.commandName == name }) else {
          let nearest = EditDistance.suggestion(for: name, among: subcommands.map { $0.commandName }).map { "Did you mean \($0)? " } ?? ""
          throw CommandError(.usage, "unknown command '\(name)'", hint: "\(nearest)'\(path) --help' lists them.")
        }
        return try next.parse(Array(words.dropFirst()), path: "\(path) \(name)", environment: environment)
      }
      if words.isEmpty {
        var failure = CommandError(.usage, "which command?")
        failure.hint = help
        throw failure
      }
    }

    if isProgram, let text = try CommandTree(Self.self).generated(by: words) { return .show(text) }
    if asks.contains("--help") || asks.contains("-h") { return .show(help) }
    // A command's version is its program's.
    if asks.contains("--version") { return .show("\(path.prefix { $0 != " " }) \(productVersion)\n") }

    var parser = CommandLineParser(definitions: definitions, path: path, environment: environment)
    try parser.parse(words)
    do {
      try ArgumentSet.validateGroups(of: command)
      try command.validate()
    } catch {
      // An option that the message names may be set by an environment variable, not on the command line.
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

/// A command's name and help text.
package struct CommandConfiguration: Sendable {
  /// An example command line and its purpose.
  package struct Example: Sendable {
    /// What the example does; shown as a comment.
    package var purpose: String
    /// The command line.
    package var command: String

    /// An example command line.
    package init(_ purpose: String, _ command: String) {
      self.purpose = purpose
      self.command = command
    }
  }

  /// Nil: the type's name in kebab case without `Command` (`NiFiTemplateCommand` would give `ni-fi-template`, so it sets its own).
  package var commandName: String?
  /// The summary, in one line.
  package var abstract: String
  /// Paragraphs, wrapped to the terminal's width; a line that starts with a space is not wrapped.
  package var discussion: String
  /// The examples, in their order.
  package var examples: [Example]
  /// The commands below this one, in the order of the help.
  package var subcommands: [any ParsableCommand.Type]

  /// Creates a configuration; only the summary is required.
  package init(
    commandName: String? = nil, abstract: String, discussion: String = "", examples: [Example] = [],
    subcommands: [any ParsableCommand.Type] = []
  ) {
    self.commandName = commandName
    self.abstract = abstract
    self.discussion = discussion
    self.examples = examples
    self.subcommands = subcommands
  }
}

/// The version of all three programs, for `--version`. Between releases it is the next one with `-dev`.
package let productVersion = "1.0.0-dev"
/// The date of the release, or of the last change to a manual page.
let releaseDate = "2026-11-28"

/// A program with its options and subcommands: what completion scripts and manual pages are made of.
///
/// It is read from the same table of options as `--help` and the parser, so none of them can name an option that does not exist.
struct CommandTree {
  /// The words that call it: `netflix etl`.
  let path: String
  let configuration: CommandConfiguration
  let definitions: [ArgumentDefinition]
  let subcommands: [CommandTree]

  init(_ command: any ParsableCommand.Type, path: String? = nil) {
    let path = path ?? command.commandName
    self.path = path
    configuration = command.configuration
    definitions = ArgumentSet.definitions(of: command.init())
    subcommands = command.configuration.subcommands.map { CommandTree($0, path: "\(path) \($0.commandName)") }
  }

  /// The last word of the path.
  var name: String { String(path.split(separator: " ").last ?? "") }

  /// The words behind the program's: `rejects`, `list`.
  var words: [String] { path.split(separator: " ").dropFirst().map(String.init) }

  /// All commands below this one, each before its own subcommands.
  var descendants: [CommandTree] { subcommands.flatMap { [$0] + $0.descendants } }

  var options: [ArgumentDefinition] {
    definitions.filter { $0.kind != .argument } + [
      ArgumentDefinition(kind: .flag, spellings: ["-h", "--help"], valueName: "", help: "Show this text.", set: { _, _ in }),
      ArgumentDefinition(kind: .flag, spellings: ["--version"], valueName: "", help: "Show the version.", set: { _, _ in }),
    ]
  }

  var arguments: [ArgumentDefinition] { definitions.filter { $0.kind == .argument } }

  /// What `--generate-completion-script SHELL` and `--generate-manual` print; nil for any other command line.
  ///
  /// - Throws: ``CommandError`` of kind usage if the shell is not one of bash, zsh and fish.
  func generated(by words: [String]) throws -> String? {
    switch words.first {
    case "--generate-manual" where words.count == 1: return ManualPage.text(self)
    case "--generate-completion-script":
      guard words.count == 2, let script = CompletionScript(rawValue: words[1]) else {
        throw CommandError(
          .usage, "--generate-completion-script takes \(CompletionScript.allValueStrings.joined(separator: ", "))",
          hint: "For example: \(name) --generate-completion-script bash")
      }
      return script.text(self)
    default: return nil
    }
  }
}

extension ArgumentDefinition {
  /// What a shell offers as the value.
  enum Completion { case values([String]), files, none }

  var completion: Completion {
    if !allValues.isEmpty { return .values(allValues) }
    return ["CSV", "FILE", "FOLDER", "PATH"].contains { valueName.uppercased().contains($0) } ? .files : .none
  }
}

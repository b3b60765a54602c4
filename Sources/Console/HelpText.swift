import Support

/// The text of `--help`: the command's purpose and usage, all options with their defaults, and examples.
struct HelpText {
  let configuration: CommandConfiguration
  /// The command with its program, for example `netflix demo`.
  let path: String
  let definitions: [ArgumentDefinition]
  /// Width in columns.
  var width = 100

  var text: String {
    var sections = ["\(path) – \(configuration.abstract)".wrapped(width: width).joined(separator: "\n"), usage]
    if !configuration.discussion.isEmpty { sections.append(discussion) }
    if !configuration.subcommands.isEmpty { sections.append(list("COMMANDS", commands)) }
    let arguments = definitions.filter { $0.kind == .argument }
    if !arguments.isEmpty { sections.append(list("ARGUMENTS", arguments.map(entry))) }
    sections += optionSections
    if !configuration.examples.isEmpty { sections.append(examples) }
    return sections.joined(separator: "\n\n") + "\n"
  }

  private var usage: String {
    if !configuration.subcommands.isEmpty { return "USAGE: \(path) COMMAND [OPTIONS]\n       \(path) COMMAND --help" }
    let required = definitions.filter { $0.kind == .option && $0.isRequired }.map { "\($0.title) \($0.valueName)" }
    let arguments = definitions.filter { $0.kind == .argument }.map { definition in
      let name = "<\(definition.valueName)>" + (definition.isRepeatable ? "..." : "")
      return definition.isRequired ? name : "[\(name)]"
    }
    return "USAGE: " + ([path] + required + ["[OPTIONS]"] + arguments).joined(separator: " ")
  }

  private var discussion: String {
    configuration.discussion.split(separator: "\n", omittingEmptySubsequences: false)
      .flatMap { $0.hasPrefix(" ") || $0.isEmpty ? [String($0)] : String($0).wrapped(width: width) }
      .joined(separator: "\n")
  }

  private var commands: [(String, String)] {
    configuration.subcommands.map { ($0.commandName, $0.configuration.abstract) }
  }

  private var optionSections: [String] {
    var sections: [(title: String?, definitions: [ArgumentDefinition])] = []
    for definition in definitions where definition.kind != .argument {
      if let index = sections.firstIndex(where: { $0.title == definition.section }) {
        sections[index].definitions.append(definition)
      } else {
        sections.append((definition.section, [definition]))
      }
    }
    let own = sections.firstIndex { $0.title == nil }
    let help = [("-h, --help", "Show this text."), ("    --version", "Show the version.")]
    var texts = sections.enumerated().map { index, section in
      list(section.title?.uppercased() ?? "OPTIONS", section.definitions.map(entry) + (index == own ? help : []))
    }
    if own == nil { texts.append(list("OPTIONS", help)) }
    return texts
  }

  /// What an option or argument is for, with its values, environment variable and default.
  static func description(of definition: ArgumentDefinition) -> String {
    var notes: [String] = []
    if !definition.allValues.isEmpty { notes.append("one of " + definition.allValues.joined(separator: ", ")) }
    if definition.isRepeatable, definition.kind == .option { notes.append("repeatable") }
    if let variable = definition.environment { notes.append("environment: \(variable)") }
    if let text = definition.defaultText, definition.kind != .flag { notes.append("default: \(text)") }
    return definition.help.abstract + (notes.isEmpty ? "" : " [\(notes.joined(separator: "; "))]")
  }

  private func entry(_ definition: ArgumentDefinition) -> (String, String) {
    let text = Self.description(of: definition)
    guard definition.kind != .argument else { return ("<\(definition.valueName)>", text) }
    let names = definition.spellings.joined(separator: ", ")
    let indent = definition.spellings.first?.hasPrefix("--") == true ? "    " : ""
    return (indent + names + (definition.kind == .option ? " " + definition.valueName : ""), text)
  }

  private var examples: String {
    "EXAMPLES\n" + configuration.examples.map { "  # \($0.purpose)\n  \($0.command)" }.joined(separator: "\n\n")
  }

  private func list(_ title: String, _ entries: [(String, String)]) -> String {
    let column = min(38, (entries.map(\.0.count).max() ?? 0) + 4)
    let lines = entries.flatMap { name, text -> [String] in
      let wrapped = text.wrapped(width: width - column)
      let pad = String(repeating: " ", count: column)
      let head = "  " + name
      // A long name gets its own line.
      guard head.count + 2 <= column else { return [head] + wrapped.map { pad + $0 } }
      return [head + pad.dropFirst(head.count) + (wrapped.first ?? "")] + wrapped.dropFirst().map { pad + $0 }
    }
    return ([title] + lines).joined(separator: "\n")
  }
}

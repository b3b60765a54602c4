/// A manual page (section 1) in the man(7) macros: summary, options and examples of a program and of all its commands.
enum ManualPage {
  static func text(_ tree: CommandTree) -> String {
    let name = escaped(tree.name)
    var lines = [".TH \(escaped(tree.name.uppercased())) 1 \(releaseDate) \"\(tree.name) \(productVersion)\" \"User Commands\""]
    lines += [".SH NAME", "\(name) \\- \(escaped(summary(tree)))", ".SH SYNOPSIS"]
    lines += synopsis(tree)
    lines += tree.configuration.discussion.isEmpty ? [] : [".SH DESCRIPTION"] + discussion(tree)
    if !tree.subcommands.isEmpty {
      lines.append(".SH COMMANDS")
      for command in tree.descendants {
        lines += [".SS \(escaped(command.path))", escaped(command.configuration.abstract), ".PP"] + synopsis(command)
        let text = discussion(command, isNested: true)
        lines += (text.isEmpty ? [] : [".PP"] + text) + entries(command) + examples(command)
      }
    }
    lines += [".SH OPTIONS"] + entries(tree)
    let example = examples(tree)
    if !example.isEmpty { lines += [".SH EXAMPLES"] + example }
    // A paragraph begins after a heading anyway.
    for index in lines.indices.dropFirst().reversed() where lines[index] == ".PP" && lines[index - 1].hasPrefix(".SH") {
      lines.remove(at: index)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// In the NAME section a summary has no period.
  private static func summary(_ tree: CommandTree) -> String {
    let text = tree.configuration.abstract
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  private static func synopsis(_ tree: CommandTree) -> [String] {
    guard tree.subcommands.isEmpty else { return ["\\fB\(escaped(tree.path))\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]"] }
    let required = tree.definitions.filter { $0.kind == .option && $0.isRequired }.map {
      "\\fB\(escaped($0.title))\\fR \\fI\(escaped($0.valueName))\\fR"
    }
    let arguments = tree.arguments.map { definition in
      let name = "\\fI\(escaped(definition.valueName))\\fR" + (definition.isRepeatable ? "..." : "")
      return definition.isRequired ? name : "[\(name)]"
    }
    return [(["\\fB\(escaped(tree.path))\\fR"] + required + ["[\\fIOPTIONS\\fR]"] + arguments).joined(separator: " ")]
  }

  private static func entries(_ tree: CommandTree) -> [String] {
    (tree.arguments + tree.options).flatMap { definition -> [String] in
      let value = definition.kind == .option ? " \\fI\(escaped(definition.valueName))\\fR" : ""
      let names =
        definition.kind == .argument
        ? "\\fI\(escaped(definition.valueName))\\fR" : definition.spellings.map { "\\fB\(escaped($0))\\fR" }.joined(separator: ", ")
      return [".TP", names + value, escaped(HelpText.description(of: definition))]
    }
  }

  /// Paragraphs; lines that begin with a blank stay as they are, and a line of capitals is a heading.
  private static func discussion(_ tree: CommandTree, isNested: Bool = false) -> [String] {
    var lines: [String] = []
    var isVerbatim = false
    for line in tree.configuration.discussion.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix(" ") != isVerbatim, !line.isEmpty {
        isVerbatim.toggle()
        if isVerbatim, lines.last == ".PP" { lines.removeLast() }
        lines += isVerbatim ? [".PP", ".nf"] : [".fi"]
        if !isVerbatim, lines.count > 1 { lines.append(".PP") }
      }
      if line.isEmpty {
        if !isVerbatim, !lines.isEmpty { lines.append(".PP") }
      } else if !isNested, !line.contains(where: \.isLowercase) {
        if lines.last == ".PP" { lines.removeLast() }
        lines.append(".SH \(escaped(line))")
      } else {
        lines.append(escaped(line))
      }
    }
    if isVerbatim { lines.append(".fi") }
    while lines.last == ".PP" { lines.removeLast() }
    return lines
  }

  private static func examples(_ tree: CommandTree) -> [String] {
    tree.configuration.examples.flatMap { [".PP", escaped("\($0.purpose):"), ".PP", ".nf", ".RS 4", escaped($0.command), ".RE", ".fi"] }
  }

  /// Text as troff prints it: no backslash, hyphen, period or quote is taken for a command or turned into another sign.
  private static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": out += "\\e"
      case "-": out += "\\-"
      case "'" where out.isEmpty, "." where out.isEmpty: out += "\\&\(scalar)"
      case "'": out += "\\(aq"
      case _ where scalar.isASCII: out.unicodeScalars.append(scalar)
      default:
        out +=
          "\\[u" + String(repeating: "0", count: max(0, 4 - String(scalar.value, radix: 16).count))
          + String(scalar.value, radix: 16, uppercase: true) + "]"
      }
    }
    return out
  }
}

/// Completion scripts for the shells that Debian packages.
enum CompletionScript: String, CaseIterable, ExpressibleByArgument {
  case bash, zsh, fish

  func text(_ tree: CommandTree) -> String {
    switch self {
    case .bash: bash(tree)
    case .zsh: zsh(tree)
    case .fish: fish(tree)
    }
  }

  /// A word in single quotes, as all three shells read it.
  private func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

  private func identifier(_ tree: CommandTree) -> String {
    "_" + tree.path.map { $0.isLetter || $0.isNumber ? "\($0)" : "_" }.joined()
  }

  // MARK: bash

  private func bash(_ tree: CommandTree) -> String {
    """
    # bash completion for \(tree.name)
    \(identifier(tree))() {
      local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command='' word
      # bash splits --option=value into three words.
      if [[ $current == '=' ]]; then current=''; elif [[ $previous == '=' ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi
      COMPREPLY=()
    \(bashCommand(tree))\(bashBody(tree).map { "  " + $0 }.joined(separator: "\n"))
    }
    complete -F \(identifier(tree)) \(tree.name)

    """
  }

  /// Finds the command before the cursor: `/rejects/list`.
  private func bashCommand(_ tree: CommandTree) -> String {
    guard !tree.subcommands.isEmpty else { return "" }
    return """
        for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
          case $command/$word in \(tree.descendants.map(bashPath).joined(separator: "|"))) command+=/$word ;; esac
        done

      """
  }

  private func bashPath(_ tree: CommandTree) -> String { tree.words.map { "/" + $0 }.joined() }

  private func bashBody(_ tree: CommandTree) -> [String] {
    guard !tree.subcommands.isEmpty else { return bashWords(tree) }
    var lines = ["case $command in"]
    for command in tree.descendants + [tree] {
      lines.append("\(command.words.isEmpty ? "*" : bashPath(command)))")
      lines += bashWords(command).map { "  " + $0 }
      lines.append("  ;;")
    }
    return lines + ["esac"]
  }

  /// The values of the option before the cursor, else options, else subcommands or files.
  private func bashWords(_ tree: CommandTree) -> [String] {
    let alternatives = tree.subcommands.map(\.name).joined(separator: " ")
    let reply = { (words: String) in "COMPREPLY=($(compgen -W \(quoted(words)) -- \"$current\"))" }
    let values = tree.options.filter { $0.kind == .option }.map { definition -> String in
      let pattern = definition.spellings.joined(separator: "|")
      switch definition.completion {
      case .values(let words): return "\(pattern)) \(reply(words.joined(separator: " "))); return ;;"
      case .files: return "\(pattern)) compopt -o default; return ;;"
      case .none: return "\(pattern)) return ;;"
      }
    }
    let options = tree.options.flatMap(\.spellings).joined(separator: " ")
    let other = !alternatives.isEmpty ? reply(alternatives) : tree.arguments.isEmpty ? ":" : "compopt -o default"
    var lines: [String] = values.isEmpty ? [] : ["case $previous in"] + values + ["esac"]
    lines.append("if [[ $current == -* ]]; then \(reply(options)); else \(other); fi")
    return lines
  }

  // MARK: zsh

  private func zsh(_ tree: CommandTree) -> String {
    var lines = ["#compdef \(tree.name)", ""]
    for command in tree.descendants { lines += zshFunction(command) + [""] }
    lines += zshFunction(tree) + ["", "\(identifier(tree)) \"$@\"", ""]
    return lines.joined(separator: "\n")
  }

  private func zshFunction(_ tree: CommandTree) -> [String] {
    let options = tree.options.map { definition -> String in
      let value =
        switch definition.kind == .option ? definition.completion : nil {
        case .values(let words)?: ":\(zshText(definition.valueName)):(\(words.joined(separator: " ")))"
        case .files?: ":\(zshText(definition.valueName)):_files"
        case ArgumentDefinition.Completion.none?: ":\(zshText(definition.valueName)): "
        case nil: ""
        }
      let names =
        definition.spellings.count == 1 ? definition.spellings[0] : "{\(definition.spellings.joined(separator: ","))}"
      let text = quoted("[\(zshText(definition.help.abstract))]\(value)")
      return
        "\(definition.isRepeatable ? "'*'" : definition.spellings.count > 1 ? quoted("(\(definition.spellings.joined(separator: " ")))") : "")\(names)\(text)"
    }
    var lines = ["\(identifier(tree))() {"]
    if tree.subcommands.isEmpty {
      let arguments = tree.arguments.map { quoted("\($0.isRepeatable ? "*" : "")::\(zshText($0.valueName)):_files") }
      lines += ["  _arguments -s \\"] + (options + arguments).map { "    \($0) \\" }
      lines[lines.count - 1] = String(lines[lines.count - 1].dropLast(2))
    } else {
      lines += ["  local curcontext=$curcontext state line", "  local -a commands", "  commands=("]
      lines += tree.subcommands.map { "    " + quoted("\($0.name):\(zshText($0.configuration.abstract))") }
      lines += ["  )", "  _arguments -C \\"] + options.map { "    \($0) \\" }
      lines += ["    '1: :->command' '*:: :->arguments'", "  case $state in", "  command) _describe command commands ;;", "  arguments)"]
      lines +=
        ["    case $words[1] in"] + tree.subcommands.map { "    \($0.name)) \(identifier($0)) ;;" } + ["    esac", "    ;;", "  esac"]
    }
    return lines + ["}"]
  }

  /// Text inside of an `_arguments` specification, where brackets and colons have a meaning.
  private func zshText(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("[", with: "\\[").replacing("]", with: "\\]").replacing(":", with: "\\:")
  }

  // MARK: fish

  private func fish(_ tree: CommandTree) -> String {
    var lines = ["# fish completion for \(tree.name)"]
    if !tree.subcommands.isEmpty { lines.append("complete -c \(tree.name) -f") }
    for command in [tree] + tree.descendants {
      // The names of subcommands are offered until one of them is there.
      let here = command.words.map { "__fish_seen_subcommand_from \($0)" }
      for next in command.subcommands {
        let isOpen =
          command.words.isEmpty
          ? "__fish_use_subcommand" : "not __fish_seen_subcommand_from \(command.subcommands.map(\.name).joined(separator: " "))"
        let condition = quoted((here + [isOpen]).joined(separator: "; and "))
        lines.append("complete -c \(tree.name) -n \(condition) -a \(next.name) -d \(quoted(next.configuration.abstract))")
      }
      if command.words.isEmpty, !command.subcommands.isEmpty { continue }
      let condition = here.isEmpty ? "" : " -n \(quoted(here.joined(separator: "; and ")))"
      for definition in command.options {
        let names = definition.spellings.map { $0.hasPrefix("--") ? "-l \($0.dropFirst(2))" : "-s \($0.dropFirst())" }.joined(
          separator: " ")
        let value =
          switch definition.kind == .option ? definition.completion : nil {
          case .values(let words)?: " -x -a \(quoted(words.joined(separator: " ")))"
          case .files?: " -r -F"
          case ArgumentDefinition.Completion.none?: " -x"
          case nil: ""
          }
        lines.append("complete -c \(tree.name)\(condition) \(names)\(value) -d \(quoted(definition.help.abstract))")
      }
      if !command.arguments.isEmpty, !tree.subcommands.isEmpty { lines.append("complete -c \(tree.name)\(condition) -F") }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

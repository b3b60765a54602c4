import Testing

@testable import Console

private struct Tool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tool", abstract: "does things", subcommands: [Demo.self, NiFiTemplate.self])
}

private struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "shows it all")
  @Option(help: "How many", in: 1...10) var rows: Int?
  mutating func run() throws { throw ExitCode(Int32(rows ?? 0)) }
}

private struct NiFiTemplate: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "nifi-template", abstract: "prints a template")
  mutating func run() throws { throw CommandError(.config, "no such thing") }
}

private struct Outer: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "outer", abstract: "has groups of commands", subcommands: [Group.self])
}

private struct Group: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "shows it in several ways", subcommands: [Demo.self, NiFiTemplate.self])
}

@Suite("Subcommands")
struct SubcommandTests {
  @Test func `a command of a group gets the words after its name`() throws {
    #expect(Outer.run(["group", "demo", "--rows", "3"]) == ExitCode(3))
    #expect(Outer.run(["group", "nifi-template"]) == .config)
    let failure = #expect(throws: CommandError.self) { try Outer.parse(["group", "dmeo"]) }
    #expect(failure?.message == "unknown command 'dmeo'")
    #expect(failure?.hint == "Did you mean demo? 'outer group --help' lists them.")
    let missing = #expect(throws: CommandError.self) { try Outer.parse(["group"]) }
    #expect(missing?.message == "which command?" && missing?.hint?.contains("USAGE: outer group COMMAND") == true)
  }

  @Test(arguments: [["group", "demo", "--help"], ["help", "group", "demo"], ["group", "help", "demo"]])
  func `the help of a command in a group has its full name`(words: [String]) throws {
    guard case .show(let text) = try Outer.parse(words) else {
      Issue.record("no help")
      return
    }
    #expect(text.hasPrefix("outer group demo – shows it all\n\nUSAGE: outer group demo [OPTIONS]\n"))
  }

  @Test func `the manual page and the completions contain the commands of a group`() throws {
    let tree = CommandTree(Outer.self)
    #expect(tree.descendants.map(\.path) == ["outer group", "outer group demo", "outer group nifi-template"])
    let page = ManualPage.text(tree)
    for command in ["outer group", "outer group demo", "outer group nifi\\-template"] { #expect(page.contains("\n.SS \(command)\n")) }
    for shell in CompletionScript.allCases { #expect(shell.text(tree).contains("nifi-template"), "\(shell)") }
  }

  @Test func `a subcommand gets the words after its name`() {
    #expect(Tool.run(["demo", "--rows", "3"]) == ExitCode(3))
    #expect(Tool.run(["nifi-template"]) == .config)
  }

  @Test func `a missing or unknown subcommand is a usage error with a suggestion`() throws {
    #expect(Tool.run([]) == .usage)
    let failure = #expect(throws: CommandError.self) { try Tool.parse(["dmeo"]) }
    #expect(failure?.message == "unknown command 'dmeo'")
    #expect(failure?.hint == "Did you mean demo? 'tool --help' lists them.")
  }

  @Test(arguments: [["demo", "--help"], ["help", "demo"]])
  func `the help of a subcommand has its full name`(words: [String]) throws {
    guard case .show(let text) = try Tool.parse(words) else {
      Issue.record("no help")
      return
    }
    #expect(
      text == """
        tool demo – shows it all

        USAGE: tool demo [OPTIONS]

        OPTIONS
              --rows ROWS  How many
          -h, --help       Show this text.
              --version    Show the version.

        """)
  }

  @Test func `the help of the program lists its subcommands`() throws {
    guard case .show(let text) = try Tool.parse(["--help"]) else {
      Issue.record("no help")
      return
    }
    #expect(
      text == """
        tool – does things

        USAGE: tool COMMAND [OPTIONS]
               tool COMMAND --help

        COMMANDS
          demo           shows it all
          nifi-template  prints a template

        OPTIONS
          -h, --help     Show this text.
              --version  Show the version.

        """)
  }
}

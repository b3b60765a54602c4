import TestSupport
import Testing

@Suite("--help of the programs")
struct HelpTests {
  /// The commands of `netflix`, in the order of its help.
  private static let subcommands = [
    "demo", "describe", "etl", "check", "analyze", "forecast", "dashboard", "status", "offsets", "rejects", "export",
    "verify", "nifi-template",
  ]
  /// The commands of its groups.
  private static let nested = [
    ["offsets", "show"], ["offsets", "set"], ["rejects", "list"], ["rejects", "show"], ["rejects", "replay"], ["rejects", "purge"],
  ]
  /// Every command with its own help.
  private static let commands =
    [["netflix-producer"], ["netflix-consumer"], ["netflix"]] + (subcommands.map { [$0] } + nested).map { ["netflix"] + $0 }

  @Test func `every command of netflix is listed`() throws {
    let help = try run("netflix", ["--help"]).output
    let section = help.split(separator: "\n", omittingEmptySubsequences: false).drop { $0 != "COMMANDS" }.dropFirst().prefix { $0 != "" }
    // A continuation line has no name.
    #expect(section.filter { !$0.hasPrefix("   ") }.map { $0.split(separator: " ").first.map(String.init) } == Self.subcommands)
  }

  @Test(arguments: commands)
  func `has usage and examples, within 100 columns`(command: [String]) throws {
    let help = try run(command[0], command.dropFirst() + ["--help"])
    #expect(help.status == 0)
    #expect(help.errors == "")
    #expect(help.output.hasPrefix(command.joined(separator: " ") + " – "))
    #expect(help.output.contains("\nUSAGE: " + command.joined(separator: " ")))
    #expect(help.output.contains("\nEXAMPLES\n"))
    // Examples and tables of a discussion are not wrapped.
    let options = help.output.split(separator: "\n").drop { $0 != "OPTIONS" }.prefix { $0 != "EXAMPLES" }
    #expect(!options.isEmpty)
    for line in options where !line.contains("://") {
      #expect(line.count <= 100, "\(line)")
    }
  }

  @Test(arguments: commands)
  func `--version shows the version of the program`(command: [String]) throws {
    let result = try run(command[0], command.dropFirst() + ["--version"])
    #expect(result.status == 0 && result.errors == "", "\(result)")
    #expect(result.output.wholeMatch(of: #/(\S+) \d+\.\d+\.\d+(-dev)?\n/#).map { String($0.1) } == command[0], "\(result)")
  }

  @Test(arguments: commands)
  func `an unknown option is usage, and nothing is done`(command: [String]) throws {
    let result = try run(command[0], command.dropFirst() + ["--hepl"])
    #expect(result.status == 64)
    #expect(result.output == "")
    #expect(result.errors.hasPrefix("error: unknown option --hepl\n  Did you mean --help? '\(command.joined(separator: " ")) --help'"))
  }

  @Test(arguments: ["netflix-producer", "netflix-consumer", "netflix"])
  func `output that cannot be written is 73, and a closed reader is not an error`(program: String) throws {
    let full = try run("/bin/sh", ["-c", "exec \"$0\" --help > /dev/full", "\(TestProject.products)/\(program)"])
    #expect(full.status == 73)
    #expect(full.errors == "error: cannot write to standard output: No space left on device\n")
    try withTemporaryFolder { folder in
      // A pipe whose only reader has closed it.
      let script = "mkfifo \"$1\"; exec 4<>\"$1\"; exec 5>\"$1\"; exec 4<&-; exec \"$0\" --help >&5"
      let gone = try run("/bin/sh", ["-c", script, "\(TestProject.products)/\(program)", folder.path + "/pipe"])
      #expect(gone == ProgramResult(status: 0))
    }
  }
}

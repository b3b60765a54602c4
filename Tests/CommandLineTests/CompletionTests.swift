import Foundation
import TestSupport
import Testing

/// Completion scripts and manual pages, in real shells and by real linters.
@Suite struct CompletionTests {
  private static let programs = ["netflix", "netflix-producer", "netflix-consumer"]

  private func script(_ program: String, _ shell: String) throws -> String {
    let result = try run(program, ["--generate-completion-script", shell])
    #expect(result.status == 0 && result.errors == "")
    return result.output
  }

  /// The words that bash offers where the cursor is: at the end of the line.
  private func completions(_ line: String) throws -> [String] {
    let words = line.split(separator: " ", omittingEmptySubsequences: false).map { "'\($0)'" }
    let program = String(line.prefix { $0 != " " })
    let result = try run(
      "/bin/bash",
      [
        "-c",
        """
        compopt() { echo "files"; }
        \(try script(program, "bash"))
        COMP_WORDS=(\(words.joined(separator: " "))) COMP_CWORD=\(words.count - 1)
        $(complete -p \(program) | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
        printf '%s\\n' "${COMPREPLY[@]}"
        """,
      ])
    #expect(result.status == 0 && result.errors == "", "\(result)")
    return result.output.split(separator: "\n").map(String.init)
  }

  @Test(
    arguments: [
      ("netflix d", ["demo", "describe", "dashboard"]), ("netflix etl --fr", ["--from"]), ("netflix etl --from p", ["postgres"]),
      ("netflix-consumer --tombstones ", ["reject", "delete"]), ("netflix-producer --rejects ", ["files"]),
      ("netflix-producer --vers", ["--version"]), ("netflix check --retry-seconds ", []), ("netflix-consumer --gr", ["--group"]),
      ("netflix rejects ", ["list", "show", "replay", "purge"]),
      ("netflix rejects replay --to", ["--to-topic", "--tombstones", "--topic"]),
      ("netflix rejects --topic t replay --tombstones ", ["reject", "delete"]), ("netflix offsets s", ["show", "set"]),
      ("netflix offsets --ver", ["--version"]),
    ])
  func `bash completes commands, options and values`(line: String, words: [String]) throws {
    #expect(try completions(line) == words)
  }

  @Test func `bash completes a value behind an equals sign`() throws {
    #expect(try completions("netflix etl --from = c") == ["csv"])
    #expect(try completions("netflix etl --to = p") == ["postgres"])
  }

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/fish"), "needs fish"),
    arguments: [
      ("netflix d", ["dashboard", "demo", "describe"]), ("netflix rejects ", ["list", "purge", "replay", "show"]),
      ("netflix offsets s", ["set", "show"]), ("netflix rejects replay --tombst", ["--tombstones"]), ("netflix rejects replay --by-r", []),
      ("netflix rejects list --by-r", ["--by-reason"]),
    ])
  func `fish completes commands, commands of a group and their options`(line: String, words: [String]) throws {
    try withTemporaryFolder { folder throws in
      try folder.write("script", try script("netflix", "fish"))
      let result = try run(
        "/usr/bin/fish", ["--no-config", "-c", "source script; complete -C '\(line)'"], environment: ["HOME": folder.path],
        directory: folder.path)
      let found = result.output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
      #expect(found.sorted() == words, "\(result)")
    }
  }

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/zsh"), "needs zsh"),
    arguments: [
      ("netflix verif", "netflix verify"), ("netflix etl --fr", "etl --from"), ("netflix etl --from p", "--from postgres"),
      ("netflix rejects re", "rejects replay"), ("netflix rejects list --by-", "list --by-reason"),
    ])
  func `zsh completes commands, commands of a group and their options`(line: String, completed: String) throws {
    try withTemporaryFolder { folder throws in
      try folder.write("_netflix", try script("netflix", "zsh"))
      let result = try run(
        "/usr/bin/zsh",
        [
          "-f", "-c",
          """
          zmodload zsh/zpty
          zpty z zsh -f -i
          zpty -w z "unsetopt zle_bracketed_paste; fpath=($1 \\$fpath); autoload -U compinit; compinit -D -u; netflix() {}; PS1='ready''> '"
          zpty -r z output '*ready> *'
          zpty -w -n z "$2"$'\\t'
          zpty -r z output "*$3*"
          print -r -- "$output"
          """, "zsh", folder.path, line, completed,
        ], environment: ["HOME": folder.path, "TERM": "dumb"])
      #expect(result.status == 0 && result.output.contains(completed), "\(result)")
    }
  }

  @Test(arguments: programs, ["bash", "zsh", "fish"])
  func `a completion script names every option of --help, and its shell accepts it`(program: String, shell: String) throws {
    let text = try script(program, shell)
    let help = try run(program, ["--help"]).output
    for match in help.matches(of: #/--[a-z][a-z-]+/#) where program != "netflix" {
      let option = String(match.output.dropFirst(2))
      #expect(text.contains(shell == "fish" ? "-l \(option) " : "--\(option)"), "\(shell): \(option)")
    }
    guard ["/bin", "/usr/bin"].contains(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(shell)") }) else { return }
    try withTemporaryFolder { folder throws in
      try folder.write("script", text)
      let result = try run("/usr/bin/env", [shell, "-n", "script"], directory: folder.path)
      #expect(result == ProgramResult(status: 0))
    }
  }

  @Test(arguments: ["tcsh", ""]) func `another shell is a usage error that names the three`(shell: String) throws {
    let result = try run("netflix", ["--generate-completion-script"] + (shell.isEmpty ? [] : [shell]))
    #expect(
      result
        == ProgramResult(
          status: 64,
          errors: """
            error: --generate-completion-script takes bash, zsh, fish
              For example: netflix --generate-completion-script bash.

            """))
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/man"), "needs man"), arguments: programs)
  func `a manual page is read by man without a warning`(program: String) throws {
    try withTemporaryFolder { folder throws in
      let page = try run(program, ["--generate-manual"])
      #expect(page.status == 0 && page.errors == "")
      try folder.write("\(program).1", page.output)
      let text = try run(
        "/usr/bin/man", ["--warnings", "-l", "\(program).1"], environment: ["MANWIDTH": "100", "LC_ALL": "C.UTF-8"], directory: folder.path)
      #expect(text.status == 0 && text.errors == "", "\(text.errors)")
      #expect(text.output.contains("NAME") && text.output.contains("--version") && text.output.contains("EXAMPLES"))
      guard FileManager.default.isExecutableFile(atPath: "/usr/bin/mandoc") else { return }
      let lint = try run("/usr/bin/mandoc", ["-Tlint", "-W", "warning", "\(program).1"], directory: folder.path)
      #expect(lint == ProgramResult(status: 0))
    }
  }
}

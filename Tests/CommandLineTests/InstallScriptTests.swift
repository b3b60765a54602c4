import Foundation
import TestSupport
import Testing

@Suite("scripts/install.sh")
struct InstallScriptTests {
  /// A copy of the script beside stubs of the built programs. Like older builds, netflix-producer prints no manual page.
  private func withStubs(_ body: (TemporaryFolder) throws -> Void) throws {
    try withTemporaryFolder { folder in
      for directory in ["scripts", ".build/static/release"] {
        try FileManager.default.createDirectory(atPath: "\(folder.path)/\(directory)", withIntermediateDirectories: true)
      }
      try folder.write("scripts/install.sh", try #require(readFile("\(TestProject.folder)/scripts/install.sh")))
      for program in ["netflix", "netflix-consumer", "netflix-producer"] {
        let script =
          program == "netflix-producer"
          ? "[ \"$1\" = --generate-manual ] && { echo unknown option >&2; exit 64; }; echo \"$0 $*\"" : "echo \"${0##*/} $*\""
        chmod(try folder.write(".build/static/release/\(program)", "#!/bin/sh\n\(script)\n"), 0o755)
      }
      try body(folder)
    }
  }

  private func install(_ folder: TemporaryFolder, _ verb: String, prefix: String) throws -> ProgramResult {
    try run(
      "/bin/bash", ["\(folder.path)/scripts/install.sh", verb], environment: ["DESTDIR": "\(folder.path)/root", "PREFIX": prefix])
  }

  /// The files below DESTDIR with their modes.
  private func files(_ folder: TemporaryFolder) throws -> [String] {
    let list = try run("/usr/bin/find", ["root", "-type", "f", "-printf", "%m %P\n"], directory: folder.path).output
    return list.split(separator: "\n").map(String.init).sorted()
  }

  @Test(arguments: [("/usr/local", "site-functions"), ("/usr", "vendor-completions")])
  func `installs programs, completions and manual pages in Debian's directories, and removes them`(prefix: String, zsh: String) throws {
    try withStubs { folder in
      let installed = try install(folder, "install", prefix: prefix)
      #expect(installed == ProgramResult(status: 0))
      let share = "\(prefix.dropFirst())/share"
      let programs = ["netflix", "netflix-consumer", "netflix-producer"]
      var expected = programs.map { "755 \(prefix.dropFirst())/bin/\($0)" }
      expected += programs.map { "644 \(share)/bash-completion/completions/\($0)" }
      expected += programs.map { "644 \(share)/fish/vendor_completions.d/\($0).fish" }
      expected += programs.map { "644 \(share)/zsh/\(zsh)/_\($0)" }
      expected += ["netflix", "netflix-consumer"].map { "644 \(share)/man/man1/\($0).1" }
      let found = try files(folder)
      #expect(found == expected.sorted())
      #expect(folder.read("root/\(share)/fish/vendor_completions.d/netflix.fish") == "netflix --generate-completion-script fish\n")

      let uninstalled = try install(folder, "uninstall", prefix: prefix)
      #expect(uninstalled == ProgramResult(status: 0))
      let left = try files(folder)
      #expect(left == [])
    }
  }

  @Test func `a missing build is reported with the command that makes it`() throws {
    try withStubs { folder in
      unlink("\(folder.path)/.build/static/release/netflix-consumer")
      let result = try install(folder, "install", prefix: "/usr")
      #expect(
        result == ProgramResult(status: 69, errors: ".build/static/release/netflix-consumer does not exist; run first: make static\n"))
      #expect(readFile("\(folder.path)/root/usr/bin/netflix") == nil)
    }
  }
}

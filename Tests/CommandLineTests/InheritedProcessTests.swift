import TestSupport
import Testing

@Suite("what a program's parent left it")
struct InheritedProcessTests {
  private static let description = "\(TestProject.folder)/data/datapackage.json"

  /// Runs a line in a shell that finds the programs of this package first.
  private func shell(_ line: String, in folder: String) throws -> ProgramResult {
    try run("/bin/bash", ["-o", "pipefail", "-c", "PATH=\(TestProject.products):$PATH; \(line)"], directory: folder)
  }

  @Test(arguments: [
    ("netflix nifi-template --dataset \(description) --output made", "made: cannot be written: File too large"),
    (
      "netflix-producer --dry-run --on-bad-row skip --rejects made --dataset \(description) --resource netflix bad.csv",
      "the file of bad rows, made: cannot be written: File too large"
    ), ("netflix etl --csv \(TestProject.csv) --sqlite made", "made: disk I/O error"),
  ])
  func `a limit on the size of files is told, and no half file stays`(command: String, words: String) throws {
    try withTemporaryFolder { folder in
      let header = try #require(readFile(TestProject.csv)?.split(whereSeparator: \.isNewline).first)
      try folder.write("bad.csv", header + "\n" + String(repeating: "x,1\n", count: 4000))
      // Through a pipe: a file of messages would meet the limit, too.
      let result = try shell("(ulimit -f 1; \(command)) 2>&1 | tail -2", in: folder.path)
      #expect(result.status == 73, "\(result)")
      #expect(result.output.contains(words), "\(result)")
      #expect(folder.read("made").map(\.isEmpty) ?? true)
      let names = try shell("ls", in: folder.path).output
      #expect(!names.contains(".part"), "\(names)")
    }
  }

  @Test(arguments: ["netflix-producer --dry-run \(TestProject.csv)", "netflix describe \(TestProject.csv)"])
  func `standard output that is closed is not another file's number`(command: String) throws {
    try withTemporaryFolder { folder in
      let result = try shell("\(command) <&- >&- 2>&-", in: folder.path)
      #expect(result.status == 73, "\(result)")
    }
  }
}

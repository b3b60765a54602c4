import TestSupport
import Testing

@Suite("Inherited limits and descriptors")
struct InheritedProcessTests {
  private static let description = "\(TestProject.folder)/data/datapackage.json"

  /// Runs a command line in a shell with this package's programs first in PATH.
  private func shell(_ line: String, in folder: String) throws -> ProgramResult {
    try run("/bin/bash", ["-o", "pipefail", "-c", "PATH=\(TestProject.products):$PATH; \(line)"], directory: folder)
  }

  @Test(arguments: [
    ("netflix nifi-template --dataset \(description) --output made", "made: cannot be written: File too large"),
    (
      "netflix-producer --dry-run --on-bad-row skip --rejects made --dataset \(description) --resource netflix bad.csv",
      "the file of rejected rows, made: cannot be written: File too large"
    ), ("netflix etl --csv \(TestProject.csv) --sqlite made", "made: disk I/O error"),
  ])
  func `a limit on the file size is reported and no partial file remains`(command: String, words: String) throws {
    try withTemporaryFolder { folder in
      let header = try #require(readFile(TestProject.csv)?.split(whereSeparator: \.isNewline).first)
      try folder.write("bad.csv", header + "\n" + String(repeating: "x,1\n", count: 4000))
      // Through a pipe, because a file of messages would also reach the limit.
      let result = try shell("(ulimit -f 1; \(command)) 2>&1 | tail -2", in: folder.path)
      #expect(result.status == 73, "\(result)")
      #expect(result.output.contains(words), "\(result)")
      #expect(folder.read("made").map(\.isEmpty) ?? true)
      let names = try shell("ls", in: folder.path).output
      #expect(!names.contains(".part"), "\(names)")
    }
  }

  /// Simulates a full disk: each limit ends the run at another point.
  @Test(arguments: [1, 8, 20, 28]) func `an etl that cannot write creates no file and leaves an existing one unchanged`(kilobytes: Int)
    throws
  {
    try withTemporaryFolder { folder in
      let etl = "netflix etl --csv \(TestProject.csv) --sqlite made"
      let failed = try shell("ulimit -f \(kilobytes); \(etl)", in: folder.path)
      #expect(failed.status == 73, "\(failed)")
      #expect(try shell("ls -A", in: folder.path).output == "")
      #expect(try shell(etl, in: folder.path).status == 0)
      let dump = "netflix export v_wide --sqlite made && netflix export etl_source --sqlite made"
      let before = try shell(dump, in: folder.path)
      try folder.write("changed.csv", (readFile(TestProject.csv) ?? "").replacing("4520992000", with: "1"))
      let again = "netflix etl --csv changed.csv --dataset \(Self.description) --sqlite made"
      let full = try shell("ulimit -f \(kilobytes); \(again)", in: folder.path)
      #expect(full.status == 73, "\(full)")
      #expect(try shell(dump, in: folder.path) == before)
      #expect(try shell("ls -A", in: folder.path).output == "changed.csv\nmade\n")
    }
  }

  @Test(arguments: [
    "netflix-producer --bootstrap-servers 127.0.0.1:1 \(TestProject.csv)",
    "netflix-consumer --dataset \(description) --bootstrap-servers 127.0.0.1:1 --database postgresql://x@127.0.0.1:1/x",
    "netflix dashboard --port 0 --dataset \(description)",
  ])
  func `a limit on virtual memory that is too small gives one line and no backtrace`(command: String) throws {
    try withTemporaryFolder { folder in
      let result = try shell("ulimit -v 250000; SWIFT_BACKTRACE=enable=yes \(command)", in: folder.path)
      #expect(result.status == 70 && result.output.isEmpty, "\(result)")
      #expect(
        result.errors.wholeMatch(of: /error: the limit on virtual memory is too small: ulimit -v 250000, needed: [0-9]+\n/) != nil,
        "\(result)")
      let needed = try #require(result.errors.split(separator: " ").last?.dropLast())
      // It starts with the limit that the message names.
      let more = try shell("ulimit -v \(needed); timeout 5 \(command) --retry-seconds 1", in: folder.path)
      #expect(!more.errors.contains("memory") && [69, 124].contains(more.status), "\(more)")
    }
  }

  @Test(arguments: ["netflix-producer --dry-run \(TestProject.csv)", "netflix describe \(TestProject.csv)"])
  func `the number of a closed standard output is not reused for another file`(command: String) throws {
    try withTemporaryFolder { folder in
      let result = try shell("\(command) <&- >&- 2>&-", in: folder.path)
      #expect(result.status == 73, "\(result)")
    }
  }
}

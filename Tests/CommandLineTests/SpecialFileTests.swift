import Foundation
import TestSupport
import Testing

/// Pipes, devices and folders where a file is expected: no program hangs past SIGTERM, none traps.
@Suite("Pipes, devices and full disks")
struct SpecialFileTests {
  private static let description = """
    {"resources": [{"name": "s", "path": "in.csv", "schema": {"primaryKey": "Day", "fields": [{"name": "Day", "type": "date"},
    {"name": "A", "type": "integer"}]}, "star": {"fact": "f", "date": "day", "period": "month",
    "metrics": [{"name": "sales", "kind": "flow"}], "regions": [{"name": "A", "columns": {"sales": "a"}}]}}]}
    """

  /// A described CSV, and a named pipe that nobody has opened.
  private func with(_ body: (TemporaryFolder) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try folder.write("datapackage.json", Self.description)
      try folder.write("in.csv", "Day,A\n" + (1...9).map { "2020-0\($0)-28,\($0 * $0)\n" }.joined())
      #expect(symlink("away", folder.path + "/nothing") == 0)
      #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
      #expect(mkfifo(folder.path + "/pipe.png", 0o600) == 0)
      try body(folder)
    }
  }

  private static let readers: [[String]] = [
    ["netflix-producer", "pipe"], ["netflix-producer", "--dry-run", "pipe"], ["netflix-producer", "--dataset", "pipe", "in.csv"],
    ["netflix-producer", "--kafka-config", "pipe", "in.csv"], ["netflix-consumer", "--dataset", "pipe"],
    ["netflix-consumer", "--kafka-config", "pipe"], ["netflix", "check", "pipe"], ["netflix", "describe", "pipe"],
    ["netflix", "forecast", "--values", "pipe"], ["netflix", "check", "in.csv", "--dataset", "pipe"],
    ["netflix", "dashboard", "--dataset", "pipe", "--port", "0"],
  ]

  @Test(arguments: readers)
  func `a pipe that nobody writes to is read until SIGTERM comes`(command: [String]) throws {
    try with { folder in
      let program = try RunningProgram(command[0], Array(command.dropFirst()), directory: folder.path)
      let open = "/proc/\(program.pid)/fd"
      try program.wait(until: "it has opened the pipe", seconds: 30) {
        guard program.isRunning else { throw TestSupportError("it has ended: \(program.errors)") }
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: open)) ?? []
        return entries.contains {
          (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(open)/\($0)"))?.hasSuffix("/pipe") == true
        }
      }
      program.signal(SIGTERM)
      #expect(try program.wait(seconds: 20).status == (command[1] == "dashboard" ? 0 : 143), "\(command)")
    }
  }

  private static let refused: [(command: [String], status: Int32, text: String)] = [
    (["netflix-producer", "--rejects", "pipe", "--dry-run", "in.csv"], 73, "pipe: is a pipe that no program reads"),
    (["netflix-producer", "-X", "ssl.ca.location=pipe", "in.csv"], 64, "property ssl.ca.location: pipe is a named pipe, not a file"),
    (["netflix", "etl", "in.csv", "--sqlite", "pipe"], 73, "pipe: is a pipe or a device, not a file"),
    (["netflix", "etl", "in.csv", "--sqlite", "/dev/full"], 73, "/dev/full: is a pipe or a device, not a file"),
    (["netflix", "check", "--from", "sqlite", "--sqlite", "pipe"], 66, "pipe: is a pipe or a device, not a file"),
    (["netflix", "dashboard", "--from", "sqlite", "--sqlite", "pipe", "--port", "0"], 66, "pipe: is a pipe or a device, not a file"),
    (["netflix", "dashboard", "--chart-js", "pipe", "--port", "0"], 66, "pipe is not Chart.js"),
    (["netflix", "export", "v_wide", "--sqlite", "pipe"], 66, "pipe: is a pipe or a device, not a file"),
    (["netflix", "nifi-template", "--output", "pipe"], 73, "pipe: is a pipe that no program reads"),
    (["netflix", "nifi-template", "--output", "/dev/full"], 73, "/dev/full: cannot be written: No space left on device"),
    (["netflix", "forecast", "--output", "pipe.png"], 73, "pipe.png: is a pipe that no program reads\n  Start the program"),
    (["netflix", "analyze", "--charts", "pipe"], 73, "pipe/sale_trends.png: pipe is not a folder\n  Name a folder"),
    (["netflix", "analyze", "--charts", "/dev/full"], 73, "/dev/full/sale_trends.png: /dev/full is not a folder\n"),
    (["netflix", "analyze", "--charts", "nothing"], 73, "nothing/sale_trends.png: nothing is a link to nothing\n  Name a folder"),
    (["netflix-producer", "--rejects", ".", "--dry-run", "in.csv"], 73, ".: is a folder\n  Name a file in it."),
    (["netflix", "nifi-template", "--output", "."], 73, ".: is a folder\n  Name a file in it."),
    (
      ["netflix", "nifi-template", "--output", "in.csv/x"], 73,
      "in.csv/x: cannot be written: Not a directory\n  A part of the path is a file"
    ),
    (
      ["netflix", "nifi-template", "--output", String(repeating: "n", count: 256)], 73,
      "n: cannot be written: File name too long\n  Shorten it: a name has at most 255 bytes"
    ),
    (["netflix", "describe", "."], 66, ".: is a folder, not a CSV"),
    (["netflix-consumer", "--dataset", "/dev/zero"], 66, "/dev/zero: has more than 16 MB, so it is not a description"),
    (["netflix-producer", "--dry-run", "/dev/full"], 65, "/dev/full:1:1"),
  ]

  @Test(arguments: refused.indices)
  func `what cannot be read or written says so at once`(index: Int) throws {
    let (command, status, text) = Self.refused[index]
    try with { folder in
      let result = try run(command[0], Array(command.dropFirst()), directory: folder.path, seconds: 60)
      #expect(result.status == status && result.errors.contains(text), "\(command): \(result)")
    }
  }

  private static let contradictory: [(command: [String], text: String)] = [
    (["netflix", "analyze", "--no-charts", "--charts", "out"], "--charts cannot be combined with --no-charts\n  Leave one of them out."),
    (["netflix", "analyze", "--no-charts", "--chart-format", "svg"], "--chart-format cannot be combined with --no-charts"),
    (["netflix", "forecast", "--no-chart", "--output", "out.svg"], "--output cannot be combined with --no-chart"),
    (["netflix", "check", "--sqlite", "x.db"], "--sqlite is for --from sqlite\n  Add --from sqlite, or leave it out."),
    (["netflix", "check", "in.csv", "--table", "x"], "--table is for --from postgres"),
    (["netflix", "dashboard", "--from", "sqlite", "--database", "x"], "--database is for --from postgres"),
    (["netflix", "etl", "--to", "postgres", "--sqlite", "x.db"], "--sqlite is for --to sqlite"),
    (["netflix", "etl", "--database", "x"], "--database is for --from or --to postgres"),
    (["netflix", "export", "v_wide", "--from", "postgres", "--sqlite", "x.db"], "--sqlite is for --from sqlite"),
    (["netflix", "demo", "--rows", "5", "--csv", "in.csv"], "--rows generates rows, and --csv names a file of them"),
    (["netflix", "analyze", "--charts", "-"], "--charts takes a folder: charts cannot go to standard output"),
    (["netflix", "forecast", "--output", "-"], "--output takes a file: a chart cannot go to standard output"),
    (["netflix", "etl", "--sqlite", "-"], "--sqlite takes a file, not a stream"),
    (["netflix", "export", "v_wide", "--sqlite", "-"], "--sqlite takes a file, not a stream"),
    (["netflix", "analyze", "--charts", ""], "--charts: the value is empty\n  Is a variable of the shell unset?"),
    (["netflix", "export", "v_wide", "--output="], "--output: the value is empty"),
  ]

  @Test(arguments: contradictory.indices)
  func `options that contradict each other, and values that an option cannot have, are usage errors`(index: Int) throws {
    let (command, text) = Self.contradictory[index]
    try with { folder in
      let result = try run(command[0], Array(command.dropFirst()), directory: folder.path, seconds: 60)
      #expect(result.status == 64 && result.output.isEmpty && result.errors.hasPrefix("error: \(text)"), "\(command): \(result)")
    }
  }

  @Test func `a dash is standard output`() throws {
    try with { folder in
      let template = try run("netflix", ["nifi-template"], directory: folder.path)
      #expect(template.status == 0 && template.output.hasPrefix("<?xml"))
      #expect(try run("netflix", ["nifi-template", "--output", "-"], directory: folder.path) == template)
      _ = try run("netflix", ["etl", "in.csv"], directory: folder.path)
      let table = try run("netflix", ["export", "v_wide", "--sqlite", "in.db"], directory: folder.path)
      #expect(table.status == 0 && !table.output.isEmpty)
      #expect(try run("netflix", ["export", "v_wide", "--sqlite", "in.db", "--output", "-"], directory: folder.path) == table)
      #expect(folder.read("-") == nil)
    }
  }

  // Nothing listens there, and nobody writes to the pipe.
  private static let waiting = [
    ["export", "v_wide", "--from", "postgres", "--database", "postgresql://x@127.0.0.1:1/x", "--output", "out.csv"],
    ["etl", "pipe", "--dataset", "datapackage.json", "--sqlite", "out.db"],
  ]

  @Test(arguments: waiting, [SIGTERM, SIGINT])
  func `a command that a signal ends leaves no file behind`(command: [String], signal: Int32) throws {
    try with { folder in
      let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      let program = try RunningProgram("netflix", command, directory: folder.path)
      try program.wait(until: "it has opened its file", seconds: 30) {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() != before
      }
      program.signal(signal)
      #expect(try program.wait(seconds: 20).status == 128 + signal)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
    }
  }

  @Test func `a pipe that a program reads takes the rejects and the template`() throws {
    try with { folder in
      try folder.write("in.csv", "Day,A\nx,1\n")
      let producer = "\(TestProject.products)/netflix-producer --dry-run --on-bad-row skip --rejects pipe in.csv"
      let rejects = try run("/bin/sh", ["-c", "cat pipe & exec 3>pipe; \(producer); exec 3>&-; wait"], directory: folder.path)
      #expect(rejects.output == "x,1\tline 2, column 1: Day: \"x\" is not a date (YYYY-MM-DD)\n")
      let netflix = "\(TestProject.products)/netflix nifi-template --output pipe"
      let template = try run("/bin/sh", ["-c", "cat pipe & exec 3>pipe; \(netflix); exec 3>&-; wait"], directory: folder.path)
      #expect(template.output == (try run("netflix", ["nifi-template"], directory: folder.path).output))
    }
  }

  @Test func `a reader of standard output that reads nothing does not hold the producer past SIGTERM`() throws {
    try with { folder in
      try folder.write("in.csv", "Day,A\n" + (0..<60_000).map { "2020-01-01,\($0)\n" }.joined())
      // The shell's own descriptor keeps the pipe open for reading.
      let script = "exec 3<>pipe; exec \(TestProject.products)/netflix-producer --dry-run in.csv >pipe"
      let program = try RunningProgram("/bin/sh", ["-c", script], directory: folder.path)
      try program.wait(until: "the pipe is full", seconds: 60) {
        let pipe = open(folder.path + "/pipe", O_WRONLY | O_NONBLOCK)
        guard pipe >= 0 else { return false }
        defer { close(pipe) }
        var room = pollfd(fd: pipe, events: Int16(POLLOUT), revents: 0)
        return poll(&room, 1, 0) == 0
      }
      program.signal(SIGTERM)
      #expect(try program.wait(seconds: 20).status == 143)
    }
  }

  @Test func `the summary that cannot be written says that the rows were published`() throws {
    try withBroker { broker in
      try with { folder in
        let script = "exec \(TestProject.products)/netflix-producer --json --topic \(uniqueTopic()) in.csv > /dev/full"
        let result = try run(
          "/bin/sh", ["-c", script], environment: ["KAFKA_BOOTSTRAP_SERVERS": broker], directory: folder.path)
        #expect(
          result
            == ProgramResult(
              status: 73, errors: "error: cannot write to standard output: No space left on device\n  9 rows were published.\n"))
      }
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a small disk"))
  func `a full disk is reported as that, not as a program that is missing`() throws {
    let disk = try SmallDisk(kilobytes: 64)
    defer { disk.remove() }
    try with { folder in
      _ = try run("/bin/sh", ["-c", "dd if=/dev/zero of=\(disk.folder)/full bs=4k 2>/dev/null; chmod 1777 \(disk.folder)"])
      let environment = ["TMPDIR": disk.folder]
      let analyze = try run("netflix", ["analyze", "in.csv"], environment: environment, directory: folder.path)
      #expect(analyze.status == 73)
      #expect(
        analyze.errors.contains("none can be written in \(disk.folder): ")
          && analyze.errors.contains("\n  Free space there, or set TMPDIR"),
        "\(analyze.errors)")
      #expect(!analyze.errors.contains("apt-get"))
      let demo = try run("netflix", ["demo", "--csv", "in.csv", "--no-dashboard"], environment: environment, directory: folder.path)
      #expect(demo.status == 69 && demo.errors.contains("No space left on device"), "\(demo)")
    }
  }

  @Test(arguments: [[], ["--atomic"]])
  func `a broker that says nothing ends the producer within --retry-seconds`(options: [String]) throws {
    let silent = try SilentServer(.afterAccept)
    try with { folder in
      let start = ContinuousClock.now
      let result = try run(
        "netflix-producer", ["--retry-seconds", "5"] + options + ["in.csv"],
        environment: ["KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(silent.port)"], directory: folder.path)
      #expect(result.status == 69, "\(result)")
      // The question about the topic, which takes two seconds, is a part of the five.
      #expect(ContinuousClock.now - start < .seconds(6.9))
    }
  }
}

import Glibc
import Processes
import SystemIO
import TestSupport
import Testing

@Suite struct ProcessResultTests {
  private func shell(_ script: String, stop: Int32 = -1) throws -> ProcessResult {
    try ProcessResult.run("/bin/sh", ["-c", script], stop: stop)
  }

  @Test func `both outputs are read completely, and the status is that of the program`() throws {
    let result = try shell("head -c 300000 /dev/zero; head -c 300000 /dev/zero | tr '\\0' x >&2; exit 7")
    #expect(result.status == 7)
    #expect(result.outputBytes.count == 300_000 && result.outputBytes.allSatisfy { $0 == 0 })
    #expect(result.errors == String(repeating: "x", count: 300_000))
    #expect(result.elapsed > .zero && result.peakMemory > 0)
  }

  @Test func `a program that a signal ends has status 128 and the signal`() throws {
    #expect(try shell("kill -KILL $$").status == 137)
  }

  @Test func `standard input is a file or empty`() throws {
    try withTemporaryFolder { folder in
      let input = try folder.write("input", "typed\n")
      #expect(try ProcessResult.run("cat", [], input: input).output == "typed\n")
      #expect(try ProcessResult.run("cat", []).output == "")
    }
  }

  @Test func `the environment is changed or complete`() throws {
    let script = "echo \"$HOME|$SUPPORT_TEST|$PWD\""
    let home = Spawn.environment["HOME"] ?? ""
    let changed = try ProcessResult.run("/bin/sh", ["-c", script], environment: ["SUPPORT_TEST": "1"], in: "/usr")
    #expect(changed.output == "\(home)|1|/usr\n")
    let removed = try ProcessResult.run("/bin/sh", ["-c", script], environment: ["HOME": nil], in: "/")
    #expect(removed.output == "||/\n")
    let complete = try ProcessResult.run(
      "/usr/bin/env", [], environment: ["SUPPORT_TEST": "2"], inheritsEnvironment: false)
    #expect(complete.output == "SUPPORT_TEST=2\n")
  }

  @Test func `a readable stop descriptor ends the program with SIGTERM`() throws {
    let stop = WakeupPipe()
    stop.set()
    #expect(try shell("exec sleep 60", stop: stop.descriptor).status == 143)
  }

  @Test func `a missing program is an error with its name`() {
    let error = #expect(throws: ProcessError.self) { try ProcessResult.run("/no/such/program", []) }
    #expect(error?.description == "/no/such/program: No such file or directory")
  }

  @Test func `a child process writes to its log, and ends by the signal`() throws {
    try withTemporaryFolder { folder in
      let log = folder.path + "/log"
      let child = try ChildProcess.start("/bin/sh", ["-c", "echo started in $PWD; exec sleep 60"], in: "/usr", log: log)
      while readFile(log) != "started in /usr\n" { usleep(1_000) }
      #expect(child.exitStatus() == nil)
      child.end(signal: SIGTERM)
      #expect(try ChildProcess.start("/bin/sh", ["-c", "exit 3"], in: "/", log: log).wait() == 3)
    }
  }
}

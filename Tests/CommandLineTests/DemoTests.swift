import Foundation
import TestSupport
import Testing

@Suite("netflix demo")
struct DemoTests {
  /// The output with what differs from run to run made equal: ports, folders, seconds.
  private func settled(_ text: String) -> String {
    text.replacing(#/127\.0\.0\.1:\d+/#, with: "127.0.0.1:PORT")
      .replacing(#/\S*/netflix-postgres\.\w+/#, with: "FOLDER")
      .replacing(#/\d+\.\d+ s\b/#, with: "N s")
      .replacing(#/partition \d, offset \d+/#, with: "partition P, offset O")
  }

  @Test func `shows the 21 rows, the result of a second run, and a rejected message`() throws {
    let demo = try run("netflix", ["demo"])
    #expect(demo.errors == "")
    #expect(demo.status == 0)
    let lines = settled(demo.output).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(
      Array(lines.prefix(9)) == [
        "The pipeline: CSV ▶ Kafka ▶ Postgres, exactly once, on this machine.",
        "",
        "✓ Kafka      an embedded broker at 127.0.0.1:PORT",
        "✓ Postgres   a private server at 127.0.0.1:PORT, in FOLDER",
        "✓ Publish    netflix-producer: data/netflix_revenue_updated.csv ▶ topic netflix: 21 rows in N s",
        "✓ Land       netflix-consumer: topic netflix ▶ table netflix_raw: 21 rows in N s",
        "",
        "date        global_revenue  ucan_revenue  emea_revenue  latm_revenue  apac_revenue  ucan_members",
        "──────────  ──────────────  ────────────  ────────────  ────────────  ────────────  ────────────",
      ])
    #expect(lines[9] == "2019-03-31      4520992000    2256851000    1233379000     630472000     319602000      66633000")
    #expect(lines[29] == "2024-03-31      9370440000    4224315000    2958153000    1165008000    1022924000      82658000")
    #expect(
      Array(lines[30...]) == [
        "(21 rows, and beside these columns: emea_members, latm_members, apac_members, ucan_arpu, emea_arpu,",
        "latm_arpu, apac_arpu, total_members)",
        "",
        "✓ Again      the same rows once more: 21 messages landed, each replaced the row with its key, so the table still has 21 rows",
        "✓ Reject     an invalid message goes to netflix_rejected, and the others land:",
        "             partition P, offset O: {\"date\":\"2024-06-30\",\"global_revenue\":\"a lot\"}",
        "             reason: global_revenue: \"a lot\" is not a whole number",
        "",
      ])
  }

  @Test func `prints a machine-readable summary and ignores the environment`() throws {
    let foreign = ["KAFKA_BOOTSTRAP_SERVERS": "nowhere:1", "NETFLIX_TOPIC": "other", "PGHOST": "nowhere", "PGSSLMODE": "require"]
    let demo = try run("netflix", ["demo", "--json", "--quiet"], environment: foreign)
    #expect(demo.status == 0)
    #expect(demo.errors == "")
    #expect(demo.output.replacing(#/[\d.]+}/#, with: "N}") == "{\"rows\":21,\"rows_after_second_run\":21,\"rejected\":1,\"seconds\":N}\n")
  }

  @Test func `generates more rows than the embedded broker keeps`() throws {
    let demo = try run("netflix", ["demo", "--rows", "30000", "--json", "-q"])
    #expect(demo.status == 0)
    #expect(demo.output.hasPrefix(#"{"rows":30000,"rows_after_second_run":30000,"rejected":1,"#))
  }

  @Test func `works with another dataset`() throws {
    try withTemporaryFolder { folder in
      try folder.write(
        "datapackage.json",
        """
        {"resources": [{"name": "weather", "path": "weather.csv", "topic": "weather", "table": "weather raw", "schema": {"fields": [
          {"name": "Day", "type": "date"}, {"name": "Rain", "type": "number"}, {"name": "Note", "type": "string"}], "primaryKey": "Day"}}]}
        """)
      let csv = try folder.write("weather.csv", "Day,Rain,Note\n2024-01-01,1.50,wet\n2024-01-02,,dry\n")
      let demo = try run("netflix", ["demo", "--csv", csv])
      #expect(demo.status == 0)
      #expect(
        demo.output.contains("\nday         rain  note\n──────────  ────  ────\n2024-01-01  1.50  wet\n2024-01-02        dry\n(2 rows)\n"))
      #expect(demo.output.contains("reason: rain: \"a lot\" is not a number"))
    }
  }

  @Test func `reports a missing file before it starts anything`() throws {
    let demo = try run("netflix", ["demo", "--csv", "nothing.csv"])
    #expect(demo.output == "")
    #expect(demo.errors == "error: nothing.csv: no such CSV\n  Looked for it from \(TestProject.folder).\n")
    #expect(demo.status == 66)
  }

  /// Starts a long demo, and waits until its Postgres is running.
  ///
  /// - Returns: the demo, and the folder of its Postgres.
  private func longDemo() throws -> (RunningProgram, String) {
    let demo = try RunningProgram("netflix", ["demo", "--rows", "2000000"])
    var folder: String?
    try demo.wait(until: "Postgres is up") {
      folder = demo.output.firstMatch(of: #/in (\S+netflix-postgres\S+)\n/#).map { String($0.1) }
      return folder != nil
    }
    return (demo, try #require(folder))
  }

  /// Whether a process for this folder is running.
  private func isInUse(_ folder: String) throws -> Bool {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { process in
      Int(process) != nil && readFile("/proc/\(process)/cmdline")?.contains(folder) == true
    }
  }

  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
  func `everything is removed after a signal`(signal: Int32, status: Int32) throws {
    let (demo, folder) = try longDemo()
    #expect(try isInUse(folder))
    demo.signal(signal, group: true)
    demo.signal(signal, group: true)
    let end = try demo.wait()
    #expect(end.status == status)
    #expect(end.errors.hasSuffix("error: stopped by \(signal == SIGINT ? "SIGINT" : "SIGTERM") before the end\n"))
    #expect(!FileManager.default.fileExists(atPath: folder))
    #expect(try !isInUse(folder))
  }

  @Test func `everything is removed even after SIGKILL`() throws {
    let (demo, folder) = try longDemo()
    demo.signal(SIGKILL)
    #expect(try demo.wait().status == 128 + SIGKILL)
    // A separate process cleans up.
    try demo.wait(until: "the folder is gone") { !FileManager.default.fileExists(atPath: folder) }
  }

  @Test func `--keep keeps Postgres running and prints how to connect to it and stop it`() throws {
    let demo = try run("netflix", ["demo", "--keep", "-q"])
    #expect(demo.status == 0)
    let look = try #require(demo.output.firstMatch(of: #/connect:  (.*)/#)).1
    let end = try #require(demo.output.firstMatch(of: #/stop:     (.*)/#)).1
    #expect(try run("/bin/sh", ["-c", look + " -qAtc 'SELECT count(*) FROM netflix_raw'"]).output == "21\n")
    #expect(try run("/bin/sh", ["-c", String(end)]).status == 0)
    #expect(try run("/bin/sh", ["-c", look + " -qAtc 'SELECT 1'"]).status != 0)
  }
}

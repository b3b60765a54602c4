import DevServices
import Foundation
import Postgres
import TestSupport
import Testing

/// A connected Postgres that does not respond, because the process of its session is stopped.
@Suite struct SilentPostgresTests {
  /// The operation during which the session is stopped. A trigger that waits for a lock of the test holds each of them.
  enum Phase: CaseIterable, Sendable {
    case statement, copy, commit

    func trigger(_ table: String) -> String {
      switch self {
      case .statement:
        "CREATE TRIGGER hold BEFORE UPDATE ON netflix_offsets FOR EACH ROW WHEN (NEW.table_name = '\(table)') EXECUTE FUNCTION hold()"
      case .copy: "CREATE TRIGGER hold BEFORE INSERT ON \(table) FOR EACH ROW EXECUTE FUNCTION hold()"
      case .commit:
        "CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON \(table) DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold()"
      }
    }

    /// A word of the waiting statement, which may have others before it.
    var statement: String {
      switch self {
      case .statement: "UPDATE"
      case .copy: "COPY"
      case .commit: "COMMIT"
      }
    }
  }

  static let hold = """
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NEW; END $$
    """

  @Test(.requiresRealBroker, arguments: Phase.allCases, [true, false])
  func `a stopped consumer does not wait for it and loses no rows`(phase: Phase, isFollower: Bool) throws {
    let server = try TemporaryPostgres(.port)
    defer { server.stop() }
    try PipelineFixture.at(try #require(TestEnvironment.bootstrapServers), server.url) { stage in
      try stage.makeTopic(partitions: 1)
      // In the COPY phase more data than the sockets' buffers hold, so that the program blocks while sending.
      let rows = phase == .copy ? 100_000 : 100
      try stage.publish(0..<1)
      #expect(try stage.consume("--exit-at-end").status == 0)
      try stage.publish(1..<rows)
      let holder = try PostgresConnection.open(stage.url, applicationName: "tests")
      defer { holder.close() }
      try holder.execute("SELECT pg_advisory_lock(4711)")
      try stage.query(Self.hold)
      try stage.query(phase.trigger(stage.table))

      let program = isFollower ? try stage.start("--batch-rows", "100000") : try stage.start("--batch-rows", "100000", "--exit-at-end")
      let process = try stage.waitForSession(of: program, in: phase.statement)
      kill(process, SIGSTOP)
      defer { kill(process, SIGCONT) }
      program.signal(SIGTERM)
      let start = ContinuousClock.now
      let result = try program.wait(seconds: 60)
      #expect(ContinuousClock.now - start < .seconds(10))
      #expect(result.status == (isFollower ? 0 : 143), "\(result)")
      kill(process, SIGCONT)

      try stage.query("DROP FUNCTION hold CASCADE")
      try holder.execute("SELECT pg_advisory_unlock(4711)")
      #expect(try stage.consume("--exit-at-end").status == 0)
      #expect(try stage.isWhole(rows) == "whole")
    }
  }

  @Test(.requiresRealBroker) func `a follower reports it at /healthz within 15 s, even when idle, and reports the recovery`() throws {
    let server = try TemporaryPostgres(.port)
    defer { server.stop() }
    try PipelineFixture.at(try #require(TestEnvironment.bootstrapServers), server.url) { stage in
      try stage.makeTopic(partitions: 1)
      try stage.publish(0..<10)
      let follower = try stage.start("--metrics-port", "0")
      try follower.wait(until: "it lands") { try stage.rows() == 10 }
      let port = try #require(follower.port(after: "metrics at http://127.0.0.1:"))
      try follower.wait(until: "it is well") { try httpGet("/healthz", port: port).text == "ok\n" }
      let process = try #require(
        try stage.value("SELECT pid FROM pg_stat_activity WHERE application_name = 'netflix-consumer'").flatMap { pid_t($0) })
      for isIdle in [true, false] {
        kill(process, SIGSTOP)
        defer { kill(process, SIGCONT) }
        if !isIdle { try stage.publish(10..<20) }
        let start = ContinuousClock.now
        try follower.wait(until: "it says so") { try httpGet("/healthz", port: port).status == 503 }
        #expect(ContinuousClock.now - start < .seconds(15))
        #expect(try httpGet("/healthz", port: port).text.contains("Postgres has not responded for 1"))
        kill(process, SIGCONT)
        try follower.wait(until: "it is well again", seconds: 15) { try httpGet("/healthz", port: port).status == 200 }
      }
      try follower.wait(until: "the rest lands") { try stage.rows() == 20 }
      follower.signal(SIGTERM)
      #expect(try follower.wait().status == 0)
      #expect(try stage.isWhole(20) == "whole")
    }
  }

  @Test func `a dashboard reports it at /healthz within 15 s and can be stopped`() throws {
    let server = try TemporaryPostgres(.port)
    defer { server.stop() }
    try WarehouseFixture.with(database: server.url) { (fixture) throws in
      try fixture.land()
      let dashboard = try DashboardFixture(fixture, ["--from", "postgres"])
      let connection = try PostgresConnection.open(server.url, applicationName: "tests")
      defer { connection.close() }
      let found = try connection.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'netflix dashboard'")
      let process = try #require(found.firstValue.flatMap { pid_t($0) })
      kill(process, SIGSTOP)
      defer { kill(process, SIGCONT) }
      let start = ContinuousClock.now
      try dashboard.program.wait(until: "it says so") { try httpGet("/healthz", port: dashboard.port).status == 503 }
      #expect(ContinuousClock.now - start < .seconds(15))
      kill(process, SIGCONT)
      try dashboard.program.wait(until: "it is well again") { try dashboard.get("/healthz") == "ok\n" }
      kill(process, SIGSTOP)
      // The page is served from memory.
      #expect(try dashboard.get("/").contains("<title>"))
      dashboard.program.signal(SIGTERM)
      let end = ContinuousClock.now
      #expect(try dashboard.program.wait(seconds: 60).status == 0)
      #expect(ContinuousClock.now - end < .seconds(10))
    }
  }

  static let commands: [[String]] = [
    ["etl", "--to", "postgres"], ["etl", "--from", "postgres"], ["verify", "data/netflix_revenue_updated.csv"],
    ["export", "netflix_raw", "--from", "postgres"],
    ["check", "--from", "postgres"],
    ["analyze", "--from", "postgres"],
  ]

  @Test(arguments: commands) func `a command that is stopped does not wait for it`(command: [String]) throws {
    let server = try TemporaryPostgres(.port)
    defer { server.stop() }
    try WarehouseFixture.with(database: server.url) { (fixture) throws in
      try fixture.land()
      #expect(try fixture.run("etl", "--to", "postgres").status == 0)
      let holder = try PostgresConnection.open(server.url, applicationName: "tests")
      defer { holder.close() }
      try holder.execute("BEGIN; LOCK netflix_raw, dim_date, dim_region, fact_revenue_subscribers")
      let program = try RunningProgram("netflix", command, environment: ["DATABASE_URL": server.url], directory: fixture.folder.path)
      // In a transaction pg_stat_activity would not change.
      let watcher = try PostgresConnection.open(server.url, applicationName: "tests")
      defer { watcher.close() }
      let waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'netflix%'"
      try program.wait(until: "it waits") { try watcher.query(waiting).firstValue != nil }
      let process = try #require(try watcher.query(waiting).firstValue.flatMap { pid_t($0) })
      kill(process, SIGSTOP)
      defer { kill(process, SIGCONT) }
      program.signal(SIGTERM)
      let start = ContinuousClock.now
      #expect(try program.wait(seconds: 60).status == 143)
      #expect(ContinuousClock.now - start < .seconds(10))
    }
  }

  @Test(arguments: SilentServer.Silence.allCases, commands + [["dashboard", "--from", "postgres"]])
  func `a command that is stopped while connecting ends`(silence: SilentServer.Silence, command: [String]) throws {
    let silent = try SilentServer(silence)
    try WarehouseFixture.with { (fixture) throws in
      let program = try RunningProgram(
        "netflix", command, environment: ["DATABASE_URL": "postgresql://netflix@127.0.0.1:\(silent.port)/netflixdb"],
        directory: fixture.folder.path)
      try program.wait(until: "it connects") { try program.isConnecting(to: silent.port) }
      program.signal(SIGTERM)
      let start = ContinuousClock.now
      #expect(try program.wait(seconds: 60).status == (command[0] == "dashboard" ? 0 : 143))
      #expect(ContinuousClock.now - start < .seconds(10))
    }
  }

  @Test(arguments: SilentServer.Silence.allCases, [true, false])
  func `a consumer that is stopped while connecting ends`(silence: SilentServer.Silence, isFollower: Bool) throws {
    let silent = try SilentServer(silence)
    try withTemporaryFolder { folder in
      let stage = PipelineFixture(servers: "127.0.0.1:1", url: "postgresql://netflix@127.0.0.1:\(silent.port)/netflixdb", folder: folder)
      try folder.write("datapackage.json", PipelineFixture.description(isKeyed: false))
      let program = isFollower ? try stage.start() : try stage.start("--exit-at-end")
      try program.wait(until: "it connects") { try program.isConnecting(to: silent.port) }
      program.signal(SIGTERM)
      let start = ContinuousClock.now
      let result = try program.wait(seconds: 60)
      #expect(result.status == (isFollower ? 0 : 143), "\(result)")
      #expect(ContinuousClock.now - start < .seconds(10))
    }
  }

  /// One attempt may take 10 s, but no longer than the remaining time.
  @Test(arguments: SilentServer.Silence.allCases)
  func `--retry-seconds includes the wait for an address that never responds`(silence: SilentServer.Silence) throws {
    let silent = try SilentServer(silence)
    let database = "postgresql://netflix@127.0.0.1:\(silent.port)/netflixdb"
    try withTemporaryFolder { folder in
      try folder.write("datapackage.json", PipelineFixture.description(isKeyed: false))
      let stage = PipelineFixture(servers: "127.0.0.1:1", url: database, folder: folder)
      let start = ContinuousClock.now
      let result = try stage.consume("--exit-at-end", "--retry-seconds", "4")
      #expect(result.status == 69 && result.errors.contains("no answer within"), "\(result)")
      #expect(ContinuousClock.now - start < .seconds(9))
    }
    try WarehouseFixture.with { (fixture) throws in
      let start = ContinuousClock.now
      let result = try TestSupport.run(
        "netflix", ["etl", "--to", "postgres", "--retry-seconds", "4"], environment: ["DATABASE_URL": database],
        directory: fixture.folder.path)
      #expect(result.status == 69 && result.errors.contains("no answer within"), "\(result)")
      #expect(ContinuousClock.now - start < .seconds(9))
    }
  }

  @Test(arguments: SilentServer.Silence.allCases)
  func `--retry-seconds includes the wait for a broker that never responds`(silence: SilentServer.Silence) throws {
    let silent = try SilentServer(silence)
    try withDatabase { url in
      try PipelineFixture.at("127.0.0.1:\(silent.port)", url) { stage in
        for mode in [["--exit-at-end"], ["--exit-at-end", "--dry-run"]] {
          let start = ContinuousClock.now
          var arguments = stage.arguments + mode + ["--retry-seconds", "4"]
          if mode.contains("--dry-run") { arguments.removeAll { $0 == "--json" } }
          let result = try TestSupport.run("netflix-consumer", arguments)
          #expect(result.status == 69, "\(result)")
          #expect(ContinuousClock.now - start < .seconds(9))
        }
      }
    }
  }

  /// docs/delivery.md, point 16. Both ways of holding offsets at once, so that the test takes 65 s.
  @Test(.requiresRealBroker) func `a consumer that is stopped inside a transaction blocks the next one for 75 s at most`() throws {
    let server = try TemporaryPostgres(.port)
    defer { server.stop() }
    let servers = try #require(TestEnvironment.bootstrapServers)
    try PipelineFixture.at(servers, server.url) { stage in
      var stages: [(stage: PipelineFixture, phase: Phase, rows: Int)] = []
      for (phase, rows) in [(Phase.statement, 100), (.copy, 100_000)] {
        var stage = stage
        (stage.topic, stage.table) = (uniqueTopic("stuck"), "rows_\(rows)")
        stages.append((stage, phase, rows))
      }
      let holder = try PostgresConnection.open(stage.url, applicationName: "tests")
      defer { holder.close() }
      try stage.query(Self.hold)
      // Once for both: their open transactions keep the lock that they waited for.
      try holder.execute("SELECT pg_advisory_lock(4711)")
      var stuck: [RunningProgram] = []
      defer { for program in stuck { program.signal(SIGCONT) } }
      for (stage, phase, rows) in stages {
        try stage.makeTopic(partitions: 1)
        try stage.publish(0..<1)
        #expect(try stage.consume("--exit-at-end").status == 0)
        try stage.publish(1..<rows)
        try stage.query(phase.trigger(stage.table))
        let program = try stage.start("--exit-at-end", "--batch-rows", "100000")
        stuck.append(program)
        _ = try stage.waitForSession(of: program, in: phase.statement)
        program.signal(SIGSTOP)
      }
      // The statement ends, or processes the received data; then the session waits for the program.
      try holder.execute("SELECT pg_advisory_unlock(4711)")
      let start = ContinuousClock.now
      let next = try stages.map { try $0.stage.start("--exit-at-end") }
      for (program, (stage, _, rows)) in zip(next, stages) {
        let result = try program.wait()
        #expect(result.status == 0, "\(result)")
        #expect(try stage.isWhole(rows) == "whole")
      }
      let elapsed = ContinuousClock.now - start
      #expect(elapsed < .seconds(75))
      // The lock must not have been free before, or the test would prove nothing.
      #expect(elapsed > .seconds(50))
      // The stopped consumers detect it when they continue, and have nothing left to do.
      for (program, (stage, _, rows)) in zip(stuck, stages) {
        program.signal(SIGCONT)
        let result = try program.wait()
        #expect(result.status == 0 && result.output.number("landed") == 0, "\(result)")
        #expect(try stage.isWhole(rows) == "whole")
      }
    }
  }
}

extension PipelineFixture {
  /// Waits until a session of netflix-consumer waits for a lock in such a statement. Returns its process number.
  fileprivate func waitForSession(of program: RunningProgram, in statement: String) throws -> pid_t {
    var process: pid_t?
    try program.wait(until: "it is in \(statement)", seconds: 60) {
      process = try value(
        """
        SELECT pid FROM pg_stat_activity
        WHERE application_name = 'netflix-consumer' AND wait_event = 'advisory' AND query LIKE '%\(statement)%'
        """
      ).flatMap { pid_t($0) }
      return process != nil
    }
    return process ?? 0
  }
}

extension RunningProgram {
  /// The number after a text in the log.
  fileprivate func port(after text: String) -> Int? {
    guard let start = errors.firstRange(of: text) else { return nil }
    return Int(errors[start.upperBound...].prefix { $0.isNumber })
  }

  /// Whether one of its sockets is connected or connecting to this port of 127.0.0.1.
  fileprivate func isConnecting(to port: Int) throws -> Bool {
    let folder = "/proc/\(pid)/fd"
    let links = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
    }
    // sl, local address, remote address, state, four more columns, user, timeout, inode
    return (readFile("/proc/\(pid)/net/tcp") ?? "").split(separator: "\n").contains { line in
      let columns = line.split(separator: " ")
      return columns.count > 9 && columns[2] == "0100007F:\(format(port))" && links.contains("socket:[\(columns[9])]")
    }
  }

  private func format(_ port: Int) -> String {
    let digits = String(port, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}

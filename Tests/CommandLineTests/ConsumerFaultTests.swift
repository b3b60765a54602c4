import DevServices
import Glibc
import Kafka
import Postgres
import TestSupport
import Testing

/// After any crash each message has landed exactly once, counted by Kafka coordinates and by content.
@Suite(.serialized, .requiresRealBroker) struct ConsumerFaultTests {
  @Test func `a consumer killed 25 times under load neither loses nor duplicates messages, and each next run lands immediately`() throws {
    try PipelineFixture.on { stage in
      try stage.makeTopic(partitions: 3)
      try stage.publish(0..<200_000, partitions: 3)
      var kills = 0
      var fastest = Duration.seconds(60)
      var read = 0
      func readSoFar() throws -> Int {
        guard try stage.value("SELECT to_regclass('netflix_offsets')") != nil else { return 0 }
        return Int(try stage.value("SELECT coalesce(sum(next_offset), 0) FROM netflix_offsets") ?? "") ?? 0
      }
      while kills < 25 {
        let start = ContinuousClock.now
        let program = try stage.start("--exit-at-end", "--batch-rows", "500", "-q")
        // At the end of the first batch, some rows later, or before anything has landed.
        if kills % 5 != 4 {
          try program.wait(until: "it lands") { try readSoFar() > read }
          fastest = min(fastest, ContinuousClock.now - start)
          let goal = read + Int.random(in: 0...6000)
          try program.wait(until: "it has continued") { try readSoFar() >= goal || !program.isRunning }
        }
        program.signal(SIGKILL)
        #expect(try program.wait().status == 128 + SIGKILL)
        kills += 1
        read = try readSoFar()
      }
      #expect(read < 200_000)
      let last = try stage.consume("--exit-at-end", "-q")
      #expect(last.status == 0, "\(last)")
      #expect(try stage.isWhole(200_000) == "whole")
      #expect(try readSoFar() == 200_000)
      // A group would wait for the session timeout of the dead member.
      #expect(fastest < .seconds(1))
    }
  }

  /// docs/delivery.md, point 9. The fastest of several, since a busy machine delays any one of them.
  @Test(arguments: [true, false])
  func `a follower that was killed lands again within ten seconds, with an identity within two`(hasIdentity: Bool) throws {
    try PipelineFixture.on { stage in
      let arguments = hasIdentity ? ["--instance-id", "one"] : []
      try stage.makeTopic(partitions: 3)
      try stage.publish(0..<1)
      var follower = try stage.start(arguments)
      var fastest = Duration.seconds(60)
      for rows in 1...4 {
        try follower.wait(until: "it lands") { try stage.rows() == rows }
        follower.signal(SIGKILL)
        #expect(try follower.wait().status == 128 + SIGKILL)
        try stage.publish(rows..<rows + 1)
        let start = ContinuousClock.now
        follower = try stage.start(arguments)
        try follower.wait(until: "it lands again") { try stage.rows() == rows + 1 }
        fastest = min(fastest, ContinuousClock.now - start)
      }
      follower.signal(SIGTERM)
      #expect(try follower.wait().status == 0)
      #expect(try stage.isWhole(5) == "whole")
      #expect(fastest < .seconds(hasIdentity ? 2 : 10))
    }
  }

  @Test func `a follower whose identity another one takes ends with 69, and the other one lands`() throws {
    try PipelineFixture.on { stage in
      try stage.makeTopic(partitions: 3)
      try stage.publish(0..<3, partitions: 3)
      let old = try stage.start("--instance-id", "one")
      try old.wait(until: "it lands") { try stage.rows() == 3 }
      let new = try stage.start("--instance-id", "one")
      let result = try old.wait()
      #expect(result.status == 69 && result.errors.contains("has the same --instance-id"), "\(result)")
      try stage.publish(3..<6, partitions: 3)
      try new.wait(until: "it lands") { try stage.rows() == 6 }
      new.signal(SIGTERM)
      #expect(try new.wait().status == 0)
      #expect(try stage.isWhole(6) == "whole")
    }
  }

  @Test func `repeated crashes of Postgres under load neither lose nor duplicate messages`() throws {
    let server = try TemporaryPostgres(.port)
    defer { server.stop() }
    try PipelineFixture.at(try #require(TestEnvironment.bootstrapServers), server.url) { stage in
      try stage.makeTopic(partitions: 3)
      try stage.publish(0..<60_000, partitions: 3)
      let program = try stage.start("--exit-at-end", "--batch-rows", "500", "--retry-seconds", "60")
      for round in 1...4 {
        try program.wait(until: "it lands") { try stage.rows() >= round * 6000 }
        server.crash()
        try server.restart()
      }
      let result = try program.wait()
      #expect(result.status == 0, "\(result)")
      #expect(try stage.isWhole(60_000) == "whole")
      let (landed, unknown) = (try #require(result.output.number("landed")), try #require(result.output.number("unknown")))
      #expect(landed + unknown == 60_000, "\(result)")
    }
  }

  @Test func `a Postgres that stays unavailable ends a follower with 69, and the next one continues`() throws {
    let server = try TemporaryPostgres(.port)
    defer { server.stop() }
    try PipelineFixture.at(try #require(TestEnvironment.bootstrapServers), server.url) { stage in
      try stage.makeTopic(partitions: 1)
      try stage.publish(0..<10)
      let program = try stage.start("--retry-seconds", "2")
      try program.wait(until: "it lands") { try stage.rows() == 10 }
      server.crash()
      try stage.publish(10..<20)
      let result = try program.wait()
      #expect(result.status == 69, "\(result)")
      #expect(result.errors.split(separator: "\n").filter { $0.contains("trying for 2 s") }.count == 1, "\(result)")
      try server.restart()
      #expect(try stage.consume("--exit-at-end").output.number("landed") == 10)
      #expect(try stage.isWhole(20) == "whole")
    }
  }

  /// docs/delivery.md, point 13.
  @Test func `a COMMIT whose response is lost lands once, and is counted as unknown`() throws {
    // The COMMIT of the table comes first, then those of the batches: the second of these gets no response.
    let result = try landThousand { $0.cutAfterCommit(number: 3) }
    #expect(result.output.number("unknown") == 100 && result.output.number("landed") == 900, "\(result)")
  }

  @Test func `a COMMIT that never arrives lands once, and is counted once`() throws {
    let result = try landThousand { $0.cutBeforeCommit(number: 3) }
    #expect(result.output.number("unknown") == 0 && result.output.number("landed") == 1000, "\(result)")
  }

  /// Lands a thousand messages in batches of a hundred, through a proxy that cuts the connection once.
  private func landThousand(_ cut: (PostgresProxy) -> Void) throws -> ProgramResult {
    let server = try TemporaryPostgres(.port)
    defer { server.stop() }
    let proxy = try PostgresProxy(port: server.port)
    defer { proxy.close() }
    return try PipelineFixture.at(try #require(TestEnvironment.bootstrapServers), server.url) { stage in
      try stage.makeTopic(partitions: 1)
      try stage.publish(0..<1000)
      let url = "postgresql://netflix:netflix@127.0.0.1:\(proxy.port)/netflixdb"
      cut(proxy)
      let result = try stage.start("--exit-at-end", "--batch-rows", "100", database: url).wait()
      #expect(result.status == 0, "\(result)")
      #expect(proxy.hasCut)
      #expect(try stage.isWhole(1000) == "whole")
      return result
    }
  }

  /// docs/delivery.md, point 3: commits of batches are asynchronous; the commit before the summary is synchronous.
  @Test func `rows reported in the summary survive a crash of the server`() throws {
    // With this setting the server flushes asynchronous commits up to ten seconds late.
    let server = try TemporaryPostgres(.port, settings: ["wal_writer_delay": "10s"])
    defer { server.stop() }
    try PipelineFixture.at(try #require(TestEnvironment.bootstrapServers), server.url) { stage in
      try stage.makeTopic(partitions: 2)
      for round in 1...3 {
        try stage.publish((round - 1) * 1000..<round * 1000, partitions: 2)
        #expect(try stage.consume("--exit-at-end", "--batch-rows", "100").output.number("landed") == 1000)
        server.crash()
        try server.restart()
        #expect(try stage.isWhole(round * 1000) == "whole")
      }
      // Without the synchronous COMMIT, batches are lost: rows and offsets together.
      try stage.publish(3000..<23_000, partitions: 2)
      let killed = try stage.start("--exit-at-end", "--batch-rows", "100")
      try killed.wait(until: "it lands") { try stage.rows() > 3500 }
      server.crash()
      killed.signal(SIGKILL)
      _ = try killed.wait()
      try server.restart()
      #expect(try stage.value("SELECT count(*) FROM rows") == stage.value("SELECT sum(next_offset) FROM netflix_offsets"))
      // No offset was committed to Kafka that a crash could still lose.
      let committed = try CommittedOffsets(stage.topic, topic: stage.topic, at: stage.servers).offsets.values.reduce(0, +)
      #expect(try committed >= 3000 && committed <= stage.rows())
      #expect(try stage.consume("--exit-at-end").status == 0)
      #expect(try stage.isWhole(23_000) == "whole")
    }
  }

  /// docs/delivery.md, point 3: becoming idle.
  @Test func `rows of an idle follower survive a crash of the server`() throws {
    let server = try TemporaryPostgres(.port, settings: ["wal_writer_delay": "10s"])
    defer { server.stop() }
    try PipelineFixture.at(try #require(TestEnvironment.bootstrapServers), server.url) { stage in
      try stage.makeTopic(partitions: 2)
      try stage.publish(0..<1000, partitions: 2)
      let follower = try stage.start("--batch-rows", "100")
      // The offsets are committed to Kafka after the synchronous commit.
      try follower.wait(until: "it is idle", seconds: 30) {
        try CommittedOffsets(stage.topic, topic: stage.topic, at: stage.servers).offsets == [0: 500, 1: 500]
      }
      server.crash()
      follower.signal(SIGKILL)
      _ = try follower.wait()
      try server.restart()
      #expect(try stage.isWhole(1000) == "whole")
    }
  }

  @Test func `a follower that is stopped while Postgres is unavailable ends with 0, and nothing is lost`() throws {
    let server = try TemporaryPostgres(.port)
    defer { server.stop() }
    try PipelineFixture.at(try #require(TestEnvironment.bootstrapServers), server.url) { stage in
      try stage.makeTopic(partitions: 1)
      try stage.publish(0..<10)
      let follower = try stage.start()
      try follower.wait(until: "it lands") { try stage.rows() == 10 }
      server.crash()
      try stage.publish(10..<20)
      try follower.wait(until: "it notices") { follower.errors.contains("trying for 90 s") }
      follower.signal(SIGTERM)
      let result = try follower.wait()
      #expect(result.status == 0 && result.output.number("landed") == 10, "\(result)")
      try server.restart()
      #expect(try stage.consume("--exit-at-end").output.number("landed") == 10)
      #expect(try stage.isWhole(20) == "whole")
    }
  }

  /// docs/delivery.md, point 14: a database that responds and cannot write.
  @Test func `a read-only database ends a run with 69 and one warning, and a follower continues once it is writable`() throws {
    let server = try TemporaryPostgres(.port)
    defer { server.stop() }
    try PipelineFixture.at(try #require(TestEnvironment.bootstrapServers), server.url) { stage in
      try stage.makeTopic(partitions: 1)
      try stage.publish(0..<10)
      #expect(try stage.consume("--exit-at-end").status == 0)
      try stage.publish(10..<20)
      try stage.query("ALTER DATABASE netflixdb SET default_transaction_read_only = on")
      let start = ContinuousClock.now
      let result = try stage.consume("--exit-at-end", "--retry-seconds", "3")
      #expect(result.status == 69, "\(result)")
      #expect(ContinuousClock.now - start < .seconds(8))
      // The warning, the error and its hint.
      #expect(result.errors.split(separator: "\n").count == 3, "\(result)")
      let follower = try stage.start("--retry-seconds", "60")
      try follower.wait(until: "the write fails") { follower.errors.contains("25006") }
      let connection = try PostgresConnection.open(stage.url, applicationName: "tests")
      defer { connection.close() }
      try connection.execute("SET default_transaction_read_only = off")
      try connection.execute("ALTER DATABASE netflixdb RESET default_transaction_read_only")
      try follower.wait(until: "it lands") { try stage.rows() == 20 }
      try follower.wait(until: "it logs the change") { follower.errors.contains("answers again") }
      follower.signal(SIGTERM)
      let end = try follower.wait()
      #expect(end.status == 0 && end.errors.split(separator: "\n").filter { $0.contains("25006") }.count == 1, "\(end)")
      #expect(try stage.isWhole(20) == "whole")
    }
  }

  @Test(.enabled("needs permission to mount a file system") { SmallDisk.isPossible })
  func `a full disk ends a run with 69 and one warning, and a follower continues once there is space`() throws {
    let disk = try SmallDisk(megabytes: 4)
    defer { disk.remove() }
    let server = try TemporaryPostgres(.port)
    defer { server.stop() }
    try PipelineFixture.at(try #require(TestEnvironment.bootstrapServers), server.url) { stage in
      try disk.give(toOwnerOf: server.folder + "/data")
      try stage.makeTopic(partitions: 1)
      try stage.publish(0..<10)
      #expect(try stage.consume("--exit-at-end").status == 0)
      try stage.query("CREATE TABLESPACE small LOCATION '\(disk.folder)'")
      try stage.query("ALTER TABLE rows SET TABLESPACE small")
      try stage.publish(10..<60_000)
      let result = try stage.consume("--exit-at-end", "--retry-seconds", "3", "--batch-rows", "60000")
      #expect(result.status == 69 && result.errors.contains("53100") && result.errors.contains("Free space there"), "\(result)")
      #expect(result.errors.split(separator: "\n").count == 3, "\(result)")
      let follower = try stage.start("--retry-seconds", "60", "--batch-rows", "60000")
      try follower.wait(until: "the write fails") { follower.errors.contains("53100") }
      try disk.grow(megabytes: 100)
      try follower.wait(until: "it lands") { try stage.rows() == 60_000 }
      try follower.wait(until: "it logs the change") { follower.errors.contains("answers again") }
      follower.signal(SIGTERM)
      let end = try follower.wait()
      #expect(end.status == 0 && end.errors.split(separator: "\n").filter { $0.contains("53100") }.count == 1, "\(end)")
      #expect(try stage.isWhole(60_000) == "whole")
    }
  }

  @Test func `retention past the stored offset is 65, with the number of lost offsets`() throws {
    try PipelineFixture.on { stage in
      try stage.makeTopic(partitions: 1)
      try stage.publish(0..<10)
      #expect(try stage.consume("--exit-at-end").status == 0)
      try stage.publish(10..<20)
      let admin = try KafkaAdmin.open(KafkaConfiguration(bootstrapServers: stage.servers))
      defer { admin.close() }
      try admin.deleteRecords(of: stage.topic, partition: 0, below: 14)
      let result = try stage.consume("--exit-at-end")
      #expect(result.status == 65 && result.output.number("lost") == 4 && result.output.number("landed") == 6, "\(result)")
    }
  }

  @Test func `without a key a recreated topic is 78, and the remedy works`() throws {
    try PipelineFixture.on { stage in
      try stage.makeTopic(partitions: 1)
      try stage.publish(0..<10)
      #expect(try stage.consume("--exit-at-end").status == 0)
      try stage.deleteTopic()
      try stage.makeTopic(partitions: 1)
      try stage.publish(0..<10)
      let result = try stage.consume("--exit-at-end")
      #expect(result.status == 78 && result.errors.contains("--exit-at-end --from-beginning --replace"), "\(result)")
      #expect(try stage.consume("--exit-at-end", "--from-beginning", "--replace").status == 0)
      #expect(try stage.isWhole(10) == "whole")
    }
  }

  /// Constant and below 64 MB, in a debug build as well.
  @Test func `memory does not grow with the topic`() throws {
    try PipelineFixture.on { stage in
      try stage.makeTopic(partitions: 3)
      try stage.publish(0..<150_000, partitions: 3)
      let follower = try stage.start("--batch-rows", "50000")
      try follower.wait(until: "all have landed") { try stage.rows() == 150_000 }
      let status = try #require(readFile("/proc/\(follower.pid)/status"))
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
      let kilobytes = try #require(Int(line.filter(\.isNumber)))
      #expect(kilobytes <= 64 * 1024)
      follower.signal(SIGTERM)
      #expect(try follower.wait().status == 0)
    }
  }
}

/// With a broker that may die.
@Suite(.requiresFaultBroker) struct ConsumerBrokerFaultTests {
  @Test func `a broker that is killed and restarted under load causes no loss and no duplicates`() throws {
    try withFaultBroker { broker, stage in
      try stage.makeTopic(partitions: 3)
      try stage.publish(0..<20_000, partitions: 3)
      let follower = try stage.start("--batch-rows", "500", "--retry-seconds", "120")
      try follower.wait(until: "it lands") { try stage.rows() > 1000 }
      try broker.kill()
      try follower.wait(until: "it logs the change") { follower.errors.contains("does not answer") }
      try broker.resume()
      try stage.publish(20_000..<30_000, partitions: 3)
      try follower.wait(until: "all have landed") { try stage.rows() >= 30_000 }
      try follower.wait(until: "it logs that the broker is back") { follower.errors.contains("answers again") }
      follower.signal(SIGTERM)
      let result = try follower.wait()
      #expect(result.status == 0, "\(result)")
      #expect(try stage.isWhole(30_000) == "whole")
      #expect(result.errors.split(separator: "\n").filter { $0.contains("does not answer") }.count == 1, "\(result)")
    }
  }

  @Test func `a broker that stays unavailable ends a run with 69, and the next one continues`() throws {
    try withFaultBroker { broker, stage in
      try stage.makeTopic(partitions: 1)
      try stage.publish(0..<10)
      let follower = try stage.start("--retry-seconds", "3")
      try follower.wait(until: "it lands") { try stage.rows() == 10 }
      try broker.kill()
      let result = try follower.wait()
      try broker.resume()
      #expect(result.status == 69, "\(result)")
      try stage.publish(10..<15)
      #expect(try stage.consume("--exit-at-end").output.number("landed") == 5)
      #expect(try stage.isWhole(15) == "whole")
    }
  }

  private func withFaultBroker(_ body: (FaultBroker, PipelineFixture) throws -> Void) throws {
    try FaultBroker.exclusively { broker in
      try withDatabase { url in try PipelineFixture.at(broker.bootstrapServers, url) { try body(broker, $0) } }
    }
  }
}

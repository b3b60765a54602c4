import Glibc
import Kafka
import TestSupport
import Testing

/// The messages that consumers see of a transaction, whether the program succeeds, fails or is killed.
@Suite("netflix-producer --atomic", .requiresRealBroker)
struct ProducerAtomicTests {
  private let servers = TestEnvironment.bootstrapServers ?? ""

  private func keys(_ topic: String, _ isolation: KafkaConsumer.IsolationLevel = .readCommitted) throws -> [String] {
    try contents(of: topic, at: servers, isolation: isolation).compactMap(\.key).sorted()
  }

  @Test func `publishes the whole file`() throws {
    try ProducerFixture.with(servers: servers) { fixture throws in
      let topic = uniqueTopic()
      #expect(
        try fixture.run("--json", "--atomic", "--topic", topic, "people.csv")
          == ProgramResult(
            status: 0,
            output: "{\"topic\":\"\(topic)\",\"read\":2,\"delivered\":2,\"rejected\":0,\"blank\":0,\"bytes\":44,\"seconds\":0}\n",
            errors: "2 rows of people.csv published to topic \(topic)\n"))
      #expect(try keys(topic) == ["1", "2"])
    }
  }

  @Test func `a bad row with stop leaves no visible messages`() throws {
    try ProducerFixture.with("Id,Name\n1,Ann\nx,Bob\n", servers: servers) { fixture throws in
      let topic = uniqueTopic()
      #expect(
        try fixture.run("--json", "--atomic", "--topic", topic, "people.csv")
          == ProgramResult(
            status: 65,
            output: "{\"topic\":\"\(topic)\",\"read\":2,\"delivered\":0,\"rejected\":1,\"blank\":0,\"bytes\":22,\"seconds\":0}\n",
            errors: """
              error: people.csv:3:1: Id: "x" is not a whole number
                Fix it in the file, or reject bad rows: --on-bad-row skip --rejects FILE.
                Nothing of the file is visible to readers: its transaction was not committed.

              """))
      #expect(try keys(topic) == [])
    }
  }

  @Test func `with skip the good rows are committed`() throws {
    try ProducerFixture.with("Id,Name\n1,Ann\nx,Bob\n", servers: servers) { fixture throws in
      let topic = uniqueTopic()
      #expect(try fixture.run("-qq", "--atomic", "--on-bad-row", "skip", "--topic", topic, "people.csv").status == 65)
      #expect(try keys(topic) == ["1"])
    }
  }

  @Test func `after the next run no messages of a killed run are visible`() throws {
    try ProducerFixture.with(servers: servers) { fixture throws in
      let topic = uniqueTopic()
      let (program, pipe) = try fixture.start("--atomic", "--topic", topic)
      try pipe.write("Id,Name\n1,Ann\n2,Bob\n3,Cid\n")
      try program.wait(until: "the rows are in the log", seconds: 60) { try keys(topic, .readUncommitted).count == 3 }
      program.signal(SIGKILL)
      #expect(try program.wait().status == 137)
      #expect(try fixture.run("-q", "--atomic", "--topic", topic, "people.csv") == ProgramResult(status: 0))
      // An open transaction would block a consumer before the end.
      #expect(try keys(topic) == ["1", "2"])
    }
  }

  @Test func `a signal aborts the transaction`() throws {
    try ProducerFixture.with(servers: servers) { fixture throws in
      let topic = uniqueTopic()
      let (program, pipe) = try fixture.start("--atomic", "--topic", topic)
      try pipe.write("Id,Name\n1,Ann\n")
      try program.wait(until: "the row is in the log", seconds: 60) { try keys(topic, .readUncommitted).count == 1 }
      program.signal(SIGTERM)
      #expect(
        try program.wait()
          == ProgramResult(
            status: 143,
            errors: """
              error: stopped by SIGTERM before the end of the file
                Nothing of the file is visible to readers: its transaction was not committed.

              """))
      #expect(try keys(topic) == [])
    }
  }

  @Test func `another run with the same transactional id fences this one`() throws {
    try ProducerFixture.with(servers: servers) { fixture throws in
      let topic = uniqueTopic()
      let (program, pipe) = try fixture.start("--atomic", "--transactional-id", topic, "--topic", topic)
      try pipe.write("Id,Name\n1,Ann\n")
      try program.wait(until: "the row is in the log", seconds: 60) { try keys(topic, .readUncommitted).count == 1 }
      #expect(
        try fixture.run("-q", "--atomic", "--transactional-id", topic, "--topic", topic, "people.csv") == ProgramResult(status: 0))
      pipe.close()
      let result = try program.wait()
      #expect(result.status == 69)
      #expect(
        result.errors.hasSuffix(
          """
            Another run with the same transactional id has taken over.
            Nothing of the file is visible to readers: its transaction was not committed.

          """))
      #expect(try keys(topic) == ["1", "2"])
    }
  }

  @Test func `a file that takes longer than the transaction timeout is an error that names the property to raise`() throws {
    try ProducerFixture.with(servers: servers) { fixture throws in
      let topic = uniqueTopic()
      let (program, pipe) = try fixture.start("--atomic", "--topic", topic, "-X", "transaction.timeout.ms=1000")
      try pipe.write("Id,Name\n")
      var number = 0
      // The broker checks for expired transactions every ten seconds; a row after that gets the error.
      try program.wait(until: "it notices", seconds: 60) {
        number += 1
        if number % 20 == 1 { try pipe.write("\(number),Ann\n") }
        return !program.isRunning
      }
      #expect(
        try program.wait()
          == ProgramResult(
            status: 69,
            errors: """
              error: Kafka: the transaction was open for longer than transaction.timeout.ms (1000 ms), so the broker aborted it
                Raise it, as in -X transaction.timeout.ms=900000 (the broker's transaction.max.timeout.ms bounds it).
                Nothing of the file is visible to readers: its transaction was not committed.

              """))
      #expect(try keys(topic) == [])
    }
  }
}

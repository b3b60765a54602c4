import TestSupport
import Testing

@Suite("netflix-producer during a broker outage", .requiresFaultBroker)
struct ProducerFaultTests {
  private static let rows = 20_000

  @Test(arguments: [[], ["--atomic"]])
  func `every row is delivered exactly once`(options: [String]) throws {
    try FaultBroker.exclusively { broker in
      try ProducerFixture.with(servers: broker.bootstrapServers) { fixture throws in
        let topic = uniqueTopic()
        let (program, pipe) = try fixture.start(options + ["--topic", topic])
        try pipe.write("Id,Name\n")
        try pipe.write((1...Self.rows / 2).map { "\($0),Ann\n" }.joined())
        try program.wait(until: "some rows have arrived", seconds: 60) {
          try !contents(of: topic, at: broker.bootstrapServers, isolation: .readUncommitted).isEmpty
        }
        try broker.kill()
        try pipe.write((Self.rows / 2 + 1...Self.rows).map { "\($0),Ann\n" }.joined())
        try program.wait(until: "it says that the broker is away", seconds: 60) { program.errors.contains("does not answer") }
        try broker.resume()
        pipe.close()
        let result = try program.wait()
        #expect(result.status == 0)
        // One line for the outage and one for the recovery, regardless of librdkafka's attempts.
        let lines = result.errors.split(separator: "\n").filter { !$0.hasSuffix("/s") }
        #expect(lines.count == 3)
        #expect(lines.first?.hasPrefix("warning: Kafka at \(broker.bootstrapServers) does not answer") == true)
        #expect(lines.dropFirst().first?.hasPrefix("Kafka at \(broker.bootstrapServers) answers again after ") == true)
        #expect(lines.last == "20,000 rows of pipe published to topic \(topic)")
        let keys = try contents(of: topic, at: broker.bootstrapServers).compactMap(\.key)
        #expect(keys.count == Self.rows)
        #expect(Set(keys).count == Self.rows)
      }
    }
  }

  @Test(arguments: [[], ["--atomic"]])
  func `SIGTERM ends it within ten seconds during the outage`(options: [String]) throws {
    try FaultBroker.exclusively { broker in
      try ProducerFixture.with(servers: broker.bootstrapServers) { fixture throws in
        let topic = uniqueTopic()
        let (program, pipe) = try fixture.start(options + ["--topic", topic])
        try pipe.write("Id,Name\n" + (1...1000).map { "\($0),Ann\n" }.joined())
        try program.wait(until: "some rows have arrived", seconds: 60) {
          try !contents(of: topic, at: broker.bootstrapServers, isolation: .readUncommitted).isEmpty
        }
        try broker.kill()
        try pipe.write((1001...2000).map { "\($0),Ann\n" }.joined())
        let start = ContinuousClock.now
        program.signal(15)
        let result = try program.wait()
        #expect(result.status == 143 && ContinuousClock.now - start < .seconds(10), "\(result)")
      }
    }
  }
}

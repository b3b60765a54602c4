import Synchronization
import Testing

@testable import Kafka

@Suite("ConnectionMonitor")
struct ConnectionMonitorTests {
  // Codes of librdkafka's rdkafka.h.
  private let transport: Int32 = -195
  private let allBrokersDown: Int32 = -187
  private let authentication: Int32 = -169

  private final class Lines: Sendable {
    let lines = Mutex<[String]>([])
    var log: KafkaLog { KafkaLog { level, text in self.lines.withLock { $0.append("\(level) \(text)") } } }
    var all: [String] { lines.withLock { $0 } }
  }

  private func context(_ properties: [String] = [], log: KafkaLog = .silent) throws -> ConnectionMonitor {
    var configuration = KafkaConfiguration(bootstrapServers: "kafka:9092", retrySeconds: 7)
    for property in properties { try configuration.set(argument: property) }
    return ConnectionMonitor(configuration, log: log, owner: nil)
  }

  @Test func `logs a failed connection once, however often librdkafka repeats it`() throws {
    let lines = Lines()
    let context = try context(log: lines.log)
    for attempt in 1...5 {
      context.handleError(
        transport, reason: "kafka:9092/bootstrap: Connect to ipv4#127.0.0.1:9092 failed (after \(attempt)ms)")
      context.handleError(allBrokersDown, reason: "1/1 brokers are down")
      context.logOutageIfDue()
    }
    #expect(lines.all == ["debug Connect to ipv4#127.0.0.1:9092 failed"])
    #expect(
      context.unavailable("21 of 21 rows were not acknowledged").message
        == "kafka:9092: 21 of 21 rows were not acknowledged within 7 s (Connect to ipv4#127.0.0.1:9092 failed)")
  }

  @Test func `a success clears the failure`() throws {
    let context = try context()
    context.handleError(transport, reason: "Connect failed")
    #expect(context.connectionSuspect && context.unavailableDuration == nil)
    context.recordTimeout()
    #expect(context.unavailableDuration != nil)
    context.recordContact()
    #expect(!context.connectionSuspect && context.unavailableDuration == nil)
    #expect(context.unavailable("nothing came").message == "kafka:9092: nothing came within 7 s")
    #expect(context.failure == nil)
  }

  @Test func `a rejected password ends the client immediately`() throws {
    let context = try context(["sasl.mechanism=PLAIN"])
    context.handleError(authentication, reason: "sasl_ssl://kafka:9093/bootstrap: Authentication failed")
    let failure = try #require(context.failure)
    #expect(failure.kind.exitStatus == 77)
    #expect(failure.description == "Authentication failed. Check sasl.username, sasl.password and sasl.mechanism.")
  }

  @Test(
    .enabled(if: KafkaClient.libraryVersion < 0x0206_01ff))
  func `with SCRAM and an old librdkafka the text names the library, not the password`() throws {
    let context = try context(["sasl.mechanism=SCRAM-SHA-256"])
    context.handleError(authentication, reason: "invalid credentials")
    let hint = try #require(context.failure?.hint)
    #expect(hint.contains("cannot do SCRAM with brokers since Kafka 3.9"))
  }
}

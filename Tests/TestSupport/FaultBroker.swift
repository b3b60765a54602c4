import Foundation
import Kafka

/// A real broker that tests may kill and resume; who starts the tests provides it.
public struct FaultBroker: Sendable {
  public let bootstrapServers: String
  private let killCommand: String
  private let resumeCommand: String

  static let shared: FaultBroker? = {
    guard let address = TestEnvironment.value("KAFKA_BROKER_ADDRESS"), let kill = TestEnvironment.value("KAFKA_BROKER_KILL"),
      let resume = TestEnvironment.value("KAFKA_BROKER_RESUME")
    else { return nil }
    return FaultBroker(bootstrapServers: address, killCommand: kill, resumeCommand: resume)
  }()

  private static let turn = NSLock()

  /// Hands it to one test at a time, and leaves it running for the next, whatever becomes of this one.
  public static func exclusively<T>(_ body: (FaultBroker) throws -> T) throws -> T {
    guard let broker = shared else { throw TestSupportError("no broker is there to be killed") }
    return try turn.withLock {
      let result = Result { try body(broker) }
      if !broker.answers { try broker.resume() }
      return try result.get()
    }
  }

  private var answers: Bool {
    guard let admin = try? KafkaAdmin.open(KafkaConfiguration(bootstrapServers: bootstrapServers, retrySeconds: 5)) else { return false }
    defer { admin.close() }
    return (try? admin.partitions(of: "any")) != nil
  }

  /// Ends it as a crash would.
  public func kill() throws { try shell(killCommand) }

  /// Starts it again on the data that is there, and waits until it answers.
  public func resume() throws { try shell(resumeCommand) }

  private func shell(_ command: String) throws {
    let result = try run("/bin/sh", ["-c", command])
    guard result.status == 0 else { throw TestSupportError("\(command): \(result.status): \(result.errors)") }
  }
}

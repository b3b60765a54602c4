import Foundation

/// A real broker that tests may kill and resume; who starts the tests provides it. One for all: ``exclusively(_:)``.
public struct FaultBroker: Sendable {
  public let bootstrapServers: String
  private let killCommand: String
  private let resumeCommand: String

  public static let shared: FaultBroker? = {
    guard let address = TestEnvironment.value("KAFKA_BROKER_ADDRESS"), let kill = TestEnvironment.value("KAFKA_BROKER_KILL"),
      let resume = TestEnvironment.value("KAFKA_BROKER_RESUME")
    else { return nil }
    return FaultBroker(bootstrapServers: address, killCommand: kill, resumeCommand: resume)
  }()

  private static let turn = NSLock()

  /// Keeps other tests of this process from killing the broker meanwhile.
  public func exclusively<T>(_ body: () throws -> T) throws -> T {
    try Self.turn.withLock(body)
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

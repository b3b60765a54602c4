import Foundation
import Kafka

/// A real broker, or a cluster of three, that tests may kill and resume. Environment variables define it.
package struct FaultBroker: Sendable {
  /// Its bootstrap servers.
  package let bootstrapServers: String
  private let killCommand: String
  private let resumeCommand: String

  static let shared = FaultBroker(from: "KAFKA_BROKER")
  /// Nodes 1, 2 and 3. The commands take a node's number as their last argument.
  static let cluster = FaultBroker(from: "KAFKA_CLUSTER")

  private static let turn = NSLock()

  private init?(from name: String) {
    guard let address = TestEnvironment.value(name + "_ADDRESS"), let kill = TestEnvironment.value(name + "_KILL"),
      let resume = TestEnvironment.value(name + "_RESUME")
    else { return nil }
    (bootstrapServers, killCommand, resumeCommand) = (address, kill, resume)
  }

  /// Gives the broker to one test at a time, and restarts it for the next test if needed, even if this one fails.
  package static func exclusively<T>(_ body: (FaultBroker) throws -> T) throws -> T {
    guard let broker = shared else { throw TestSupportError("no broker is there to be killed") }
    return try turn.withLock {
      let result = Result { try body(broker) }
      if !broker.answers { try broker.resume() }
      return try result.get()
    }
  }

  /// Gives the cluster to one test at a time. A test must resume the nodes that it kills.
  package static func withCluster<T>(_ body: (FaultBroker) throws -> T) throws -> T {
    guard let cluster else { throw TestSupportError("there is no cluster whose nodes may be killed") }
    return try turn.withLock { try body(cluster) }
  }

  private var answers: Bool {
    guard let admin = try? KafkaAdmin.open(KafkaConfiguration(bootstrapServers: bootstrapServers, retrySeconds: 5)) else { return false }
    defer { admin.close() }
    return (try? admin.partitions(of: "any")) != nil
  }

  /// Kills it, or one node, like a crash.
  package func kill(node: Int? = nil) throws { try shell(killCommand + (node.map { " \($0)" } ?? "")) }

  /// Restarts it, or one node, with the existing data, and waits until it responds.
  package func resume(node: Int? = nil) throws { try shell(resumeCommand + (node.map { " \($0)" } ?? "")) }

  private func shell(_ command: String) throws {
    let result = try run("/bin/sh", ["-c", command])
    guard result.status == 0 else { throw TestSupportError("\(command): \(result.status): \(result.errors)") }
  }
}

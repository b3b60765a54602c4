import Glibc
import Kafka
import KafkaMock
import Processes
import SystemIO

/// A Kafka broker inside this process, for the demo and for tests: librdkafka's mock cluster.
///
/// It differs from a real broker: it keeps 5 MB per partition and then drops the oldest messages, and delivers messages of uncommitted
/// transactions.
package final class EmbeddedBroker {
  private let cluster: MockCluster

  private init(_ cluster: MockCluster) { self.cluster = cluster }

  /// Starts a broker on a port that the system chooses.
  ///
  /// - Parameter topics: topics to create, with their numbers of partitions; others are created on first use, with 4 partitions.
  package static func start(topics: [String: Int32] = [:]) throws(KafkaError) -> EmbeddedBroker {
    let cluster = try MockCluster.open()
    do {
      for (topic, partitions) in topics { try cluster.createTopic(topic, partitions: partitions) }
    } catch {
      cluster.close()
      throw error
    }
    return EmbeddedBroker(cluster)
  }

  /// The value for `--bootstrap-servers`: a local port that other processes can also use.
  package var bootstrapServers: String { cluster.bootstrapServers }

  /// Creates a topic.
  package func createTopic(_ topic: String, partitions: Int32) throws(KafkaError) {
    try cluster.createTopic(topic, partitions: partitions)
  }

  /// Stops the broker. Idempotent.
  package func close() { cluster.close() }
}

/// A TCP socket on a port of 127.0.0.1 that the system chose.
package struct LoopbackSocket: Sendable {
  /// Bound, not yet listening. The caller closes it.
  package let descriptor: Int32
  package let port: Int

  package init() throws(DevServicesError) {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) == 0 && getsockname(socket, $0, &size) == 0 }
    }
    guard isBound else {
      let reason = systemMessage(errno)
      close(socket)
      throw DevServicesError("no port: \(reason)")
    }
    descriptor = socket
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  /// A port where nobody listens, for a server that binds it itself. Another process may take it first: prefer port 0, or listen on the descriptor.
  package static func freePort() throws(DevServicesError) -> Int {
    let socket = try LoopbackSocket()
    defer { close(socket.descriptor) }
    return socket.port
  }
}

/// A local service could not be started.
package struct DevServicesError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What failed, in one line.
  package let message: String
  /// How to fix it, or the end of the service's log.
  package let hint: String?

  /// An error with a message and a hint.
  package init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }

  init(_ error: ProcessError) { self.init(error.description) }

  /// The message and the hint.
  package var description: String { hint.map { "\(message): \($0)" } ?? message }
}

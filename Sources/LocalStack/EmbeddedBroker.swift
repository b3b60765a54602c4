import Kafka

/// A Kafka broker inside this process, for the demo and for tests: librdkafka's mock cluster.
///
/// It differs from a real broker: it keeps 5 MB per partition and then drops the oldest messages, and delivers messages of uncommitted
/// transactions.
public final class EmbeddedBroker {
  private let cluster: MockCluster

  private init(_ cluster: MockCluster) { self.cluster = cluster }

  /// Starts a broker on a port that the system chooses.
  ///
  /// - Parameter topics: topics to create, with their numbers of partitions; others are created on first use, with 4 partitions.
  public static func start(topics: [String: Int32] = [:]) throws(KafkaError) -> EmbeddedBroker {
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
  public var bootstrapServers: String { cluster.bootstrapServers }

  /// Creates a topic.
  public func createTopic(_ topic: String, partitions: Int32) throws(KafkaError) {
    try cluster.createTopic(topic, partitions: partitions)
  }

  /// Stops the broker. Idempotent.
  public func close() { cluster.close() }
}

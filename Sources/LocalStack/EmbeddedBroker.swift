import Kafka

/// A Kafka broker inside this process, for the demo and for tests: librdkafka's mock cluster.
///
/// It is no real broker: it keeps 5 MB a partition and then drops the oldest, and shows messages of uncommitted transactions.
public final class EmbeddedBroker {
  private let cluster: MockCluster

  private init(_ cluster: MockCluster) { self.cluster = cluster }

  /// Starts a broker on a port that the system chooses.
  ///
  /// - Parameter topics: made at once, with their numbers of partitions; others are made on first use, with 4 partitions.
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

  /// For `--bootstrap-servers`: the port is on this machine and open to other processes.
  public var bootstrapServers: String { cluster.bootstrapServers }

  public func createTopic(_ topic: String, partitions: Int32) throws(KafkaError) {
    try cluster.createTopic(topic, partitions: partitions)
  }

  /// Ends the broker; a second call does nothing.
  public func close() { cluster.close() }
}

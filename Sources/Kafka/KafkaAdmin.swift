import CRdKafka

/// Questions about topics and the cluster, and topics made and deleted.
public final class KafkaAdmin {
  let client: KafkaClient

  private init(client: KafkaClient) { self.client = client }

  public static func open(_ configuration: KafkaConfiguration, log: KafkaLog = .silent) throws(KafkaError) -> KafkaAdmin {
    KafkaAdmin(client: try .open(.producer, configuration, log: log))
  }

  /// The ids of a topic's partitions, in order; empty where there is no such topic.
  public func partitions(of topic: String) throws(KafkaError) -> [Int32] {
    try client.partitions(of: topic, milliseconds: milliseconds)
  }

  /// The cluster's id; nil where the broker has none.
  public func clusterID() -> String? { client.clusterID(milliseconds: Int32(milliseconds)) }

  /// A topic's settings, such as `cleanup.policy`, as the broker holds them.
  public func configuration(of topic: String) throws(KafkaError) -> [String: String] {
    try client.configuration(of: topic, milliseconds: milliseconds)
  }

  public func createTopic(_ topic: String, partitions: Int32, replicas: Int32 = 1, configuration: [String: String] = [:])
    throws(KafkaError)
  {
    try client.createTopic(topic, partitions: partitions, replicas: replicas, configuration: configuration, milliseconds: milliseconds)
  }

  /// Deletes a topic and waits until no broker names it any more.
  public func deleteTopic(_ topic: String) throws(KafkaError) {
    try client.deleteTopic(topic, milliseconds: milliseconds)
  }

  public func close() { client.close() }

  var milliseconds: Int32 { Int32(client.context.retrySeconds) * 1000 }
}

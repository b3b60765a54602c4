import CRdKafka

/// Inspects topics and the cluster; creates and deletes topics.
///
/// Each request waits for a broker for up to `KafkaConfiguration.retrySeconds`, then throws `KafkaError` of kind `unavailable`.
public final class KafkaAdmin {
  let client: KafkaClient

  private init(client: KafkaClient) { self.client = client }

  /// Opens a client. It sends no request yet.
  ///
  /// - Throws: `KafkaError` of kind `usage` if the properties do not fit together.
  public static func open(_ configuration: KafkaConfiguration, log: KafkaLog = .silent) throws(KafkaError) -> KafkaAdmin {
    KafkaAdmin(client: try .open(.producer, configuration, log: log))
  }

  /// The ids of a topic's partitions, ascending; empty if the topic does not exist.
  public func partitions(of topic: String) throws(KafkaError) -> [Int32] {
    try client.partitions(of: topic, milliseconds: milliseconds)
  }

  /// The cluster id; nil if the broker reports none.
  public func clusterID() -> String? { client.clusterID(milliseconds: Int32(milliseconds)) }

  /// A topic's settings on the broker, such as `cleanup.policy`.
  public func configuration(of topic: String) throws(KafkaError) -> [String: String] {
    try client.configuration(of: topic, milliseconds: milliseconds)
  }

  /// Creates a topic and waits until all brokers know it.
  ///
  /// - Throws: `KafkaError`, of kind `usage` if the topic exists.
  public func createTopic(_ topic: String, partitions: Int32, replicas: Int32 = 1, configuration: [String: String] = [:])
    throws(KafkaError)
  {
    try client.createTopic(topic, partitions: partitions, replicas: replicas, configuration: configuration, milliseconds: milliseconds)
  }

  /// Deletes a topic and waits until no broker lists it.
  public func deleteTopic(_ topic: String) throws(KafkaError) {
    try client.deleteTopic(topic, milliseconds: milliseconds)
  }

  /// Closes the client. A second call does nothing.
  public func close() { client.close() }

  var milliseconds: Int32 { Int32(client.context.retrySeconds) * 1000 }
}

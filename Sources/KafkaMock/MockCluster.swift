import CRdKafka.Mock
import Kafka

/// librdkafka's mock cluster: brokers in this process that speak Kafka's protocol on local ports.
///
/// It keeps 5 MB or 100,000 messages per partition and then drops the oldest, delivers messages of uncommitted transactions, and creates a
/// topic on first use, with 4 partitions.
package final class MockCluster {
  private let client: OpaquePointer
  private let cluster: OpaquePointer
  private var isClosed = false

  private init(client: OpaquePointer, cluster: OpaquePointer) {
    self.client = client
    self.cluster = cluster
  }

  /// Starts a cluster.
  ///
  /// - Throws: `KafkaError` of kind `internal` if it does not start.
  package static func open(brokers: Int32 = 1) throws(KafkaError) -> MockCluster {
    // "The cluster operates on a dedicated thread", which needs a client instance; this client has no brokers, and logs nothing.
    let properties = rd_kafka_conf_new()
    rd_kafka_conf_set_log_cb(properties, nil)
    var reason = [CChar](repeating: 0, count: 512)
    guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, properties, &reason, reason.count) else {
      // "rd_kafka_new() … on failure the application still owns conf."
      rd_kafka_conf_destroy(properties)
      throw failure
    }
    guard let cluster = rd_kafka_mock_cluster_new(client, brokers) else {
      rd_kafka_destroy(client)
      throw failure
    }
    return MockCluster(client: client, cluster: cluster)
  }

  private static var failure: KafkaError { KafkaError(kind: .internal, message: "librdkafka's mock cluster did not start") }

  /// `127.0.0.1:port` of each broker, separated by commas.
  package var bootstrapServers: String {
    rd_kafka_mock_cluster_bootstraps(cluster).map { String(cString: $0) } ?? ""
  }

  /// Creates a topic.
  ///
  /// - Throws: `KafkaError` if librdkafka rejects it.
  package func createTopic(_ topic: String, partitions: Int32) throws(KafkaError) {
    let code = rd_kafka_mock_topic_create(cluster, topic, partitions, 1)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code: code.rawValue, coordinates: .init(topic: topic)) }
  }

  /// Answers the next requests of a kind with these error codes of Kafka's protocol, one per request. Used by tests only.
  ///
  /// - Parameter request: the protocol's API key: Produce 0, Metadata 3, InitProducerId 22.
  package func injectErrors(_ request: Int16, with codes: [Int32]) {
    let errors = codes.map { rd_kafka_resp_err_t(rawValue: $0) }
    rd_kafka_mock_push_request_errors_array(cluster, request, errors.count, errors)
  }

  /// Delays each answer of the first broker, as a slow network does.
  package func delayAnswers(seconds: Int32) { rd_kafka_mock_broker_set_rtt(cluster, 1, seconds * 1000) }

  /// Stops the brokers. A second call does nothing.
  package func close() {
    guard !isClosed else { return }
    isClosed = true
    rd_kafka_mock_cluster_destroy(cluster)
    rd_kafka_destroy(client)
  }
}

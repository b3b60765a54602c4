import CRdKafka

/// Inspects topics and the cluster; creates and deletes topics.
///
/// Each request waits for a broker for up to `KafkaConfiguration.retrySeconds`, then throws `KafkaError` of kind `unavailable`.
package final class KafkaAdmin {
  let client: KafkaClient

  private init(client: KafkaClient) { self.client = client }

  /// Opens a client. It sends no request yet.
  ///
  /// - Throws: `KafkaError` of kind `usage` if the properties do not fit together.
  package static func open(_ configuration: KafkaConfiguration, log: KafkaLog = .silent) throws(KafkaError) -> KafkaAdmin {
    KafkaAdmin(client: try .open(.producer, configuration, log: log))
  }

  /// The ids of a topic's partitions, ascending; empty if the topic does not exist.
  ///
  /// - Throws: `KafkaError`, of kind `usage` if the topic does not exist, `unavailable` if no broker answers in time.
  package func partitions(of topic: String) throws(KafkaError) -> [Int32] {
    try client.partitions(of: topic, timeout: timeout)
  }

  /// The cluster id; nil if the broker reports none.
  package func clusterID() -> String? { client.clusterID(timeout: timeout) }

  /// A topic's settings on the broker, such as `cleanup.policy`.
  ///
  /// - Throws: `KafkaError`, of kind `usage` if the topic does not exist, `unauthorized` without DescribeConfigs on it.
  package func configuration(of topic: String) throws(KafkaError) -> [String: String] {
    try client.configuration(of: topic, timeout: timeout)
  }

  /// Creates a topic. A broker may need a moment until it lists the topic.
  ///
  /// - Throws: `KafkaError`, of kind `usage` if the topic exists.
  package func createTopic(_ topic: String, partitions: Int32, replicas: Int32 = 1, configuration: [String: String] = [:])
    throws(KafkaError)
  {
    try client.createTopic(topic, partitions: partitions, replicas: replicas, configuration: configuration, timeout: timeout)
  }

  /// Deletes a topic. A broker may still list it for a moment, and acknowledge messages that disappear with it.
  ///
  /// - Throws: `KafkaError`, of kind `usage` if the topic does not exist.
  package func deleteTopic(_ topic: String) throws(KafkaError) {
    try client.deleteTopic(topic, timeout: timeout)
  }

  /// Closes the client. A second call does nothing.
  package func close() { client.close() }

  private var timeout: Duration { .seconds(client.context.retrySeconds) }
}

extension KafkaAdmin {
  /// Deletes a partition's records below an offset, as retention would. Used by tests only.
  ///
  /// - Throws: `KafkaError`, of kind `unavailable` if no broker responds within 30 s.
  package func deleteRecords(of topic: String, partition: Int32, below offset: Int64) throws(KafkaError) {
    let list = KafkaPartitionList(topic: topic, [(partition, offset)])
    var request = rd_kafka_DeleteRecords_new(list.pointer)
    defer { rd_kafka_DeleteRecords_destroy(request) }
    try client.performAdminRequest(RD_KAFKA_ADMIN_OP_DELETERECORDS, topic: topic, timeout: .seconds(30)) { options, queue in
      rd_kafka_DeleteRecords(client.handle, &request, 1, options, queue)
    } answer: { _ in
    }
  }
}

extension KafkaAdmin {
  /// The ids of the brokers that hold a partition's replicas, and of its leader; −1 if it has none. Used by tests only.
  ///
  /// - Throws: `KafkaError`, `UNKNOWN_TOPIC_OR_PART` if the partition does not exist.
  package func replicas(of topic: String, partition: Int32) throws(KafkaError) -> (leader: Int32, all: [Int32]) {
    var answer: UnsafePointer<rd_kafka_metadata>?
    let code = rd_kafka_metadata(client.handle, 1, nil, &answer, timeout.inMilliseconds)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else { throw KafkaError(code, coordinates: .init(topic: topic)) }
    defer { rd_kafka_metadata_destroy(answer) }
    for index in 0..<Int(answer.pointee.topic_cnt) {
      let entry = answer.pointee.topics[index]
      guard let name = entry.topic, String(cString: name) == topic else { continue }
      for index in 0..<Int(entry.partition_cnt) where entry.partitions[index].id == partition {
        let found = entry.partitions[index]
        return (found.leader, (0..<Int(found.replica_cnt)).map { found.replicas[$0] })
      }
    }
    throw KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, coordinates: .init(topic: topic, partition: partition))
  }

  /// Increases the number of a topic's partitions to `partitions`. Used by tests only.
  ///
  /// - Throws: `KafkaError`, of kind `unavailable` if no broker responds within 30 s.
  package func addPartitions(to topic: String, total partitions: Int) throws(KafkaError) {
    var reason = [CChar](repeating: 0, count: 512)
    var request = rd_kafka_NewPartitions_new(topic, partitions, &reason, reason.count)
    guard request != nil else { throw .usage("topic \(topic): \(String(buffer: reason))", hint: nil) }
    defer { rd_kafka_NewPartitions_destroy(request) }
    try client.performAdminRequest(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, topic: topic, timeout: .seconds(30)) { options, queue in
      rd_kafka_CreatePartitions(client.handle, &request, 1, options, queue)
    } answer: { _ in
    }
  }
}

import CRdKafka

extension KafkaAdmin {
  /// Deletes a partition's records below an offset, as retention would.
  ///
  /// - Throws: `KafkaError`, of kind `unavailable` if no broker responds within 30 s.
  public func deleteRecords(of topic: String, partition: Int32, below offset: Int64) throws(KafkaError) {
    let list = KafkaPartitionList(topic: topic, [(partition, offset)])
    var request = rd_kafka_DeleteRecords_new(list.pointer)
    defer { rd_kafka_DeleteRecords_destroy(request) }
    try client.performAdminRequest(RD_KAFKA_ADMIN_OP_DELETERECORDS, topic: topic, milliseconds: 30_000) { options, queue in
      rd_kafka_DeleteRecords(client.handle, &request, 1, options, queue)
    } answer: { _ in
    }
  }
}

extension KafkaAdmin {
  /// The ids of the brokers that hold a partition's replicas, and of its leader; −1 if it has none.
  ///
  /// - Throws: `KafkaError`, `UNKNOWN_TOPIC_OR_PART` if the partition does not exist.
  public func replicas(of topic: String, partition: Int32) throws(KafkaError) -> (leader: Int32, all: [Int32]) {
    var answer: UnsafePointer<rd_kafka_metadata>?
    let code = rd_kafka_metadata(client.handle, 1, nil, &answer, milliseconds)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else { throw KafkaError(code, place: .init(topic: topic)) }
    defer { rd_kafka_metadata_destroy(answer) }
    for index in 0..<Int(answer.pointee.topic_cnt) {
      let entry = answer.pointee.topics[index]
      guard let name = entry.topic, String(cString: name) == topic else { continue }
      for index in 0..<Int(entry.partition_cnt) where entry.partitions[index].id == partition {
        let found = entry.partitions[index]
        return (found.leader, (0..<Int(found.replica_cnt)).map { found.replicas[$0] })
      }
    }
    throw KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, place: .init(topic: topic, partition: partition))
  }

  /// Increases the number of a topic's partitions to `partitions`.
  ///
  /// - Throws: `KafkaError`, of kind `unavailable` if no broker responds within 30 s.
  public func addPartitions(to topic: String, total partitions: Int) throws(KafkaError) {
    var reason = [CChar](repeating: 0, count: 512)
    var request = rd_kafka_NewPartitions_new(topic, partitions, &reason, reason.count)
    guard request != nil else { throw .usage("topic \(topic): \(String(buffer: reason))", advice: nil) }
    defer { rd_kafka_NewPartitions_destroy(request) }
    try client.performAdminRequest(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, topic: topic, milliseconds: 30_000) { options, queue in
      rd_kafka_CreatePartitions(client.handle, &request, 1, options, queue)
    } answer: { _ in
    }
  }
}

import CRdKafka

extension KafkaAdmin {
  /// Deletes a partition's records below an offset, as retention does in time.
  public func deleteRecords(of topic: String, partition: Int32, below offset: Int64) throws(KafkaError) {
    let list = KafkaPartitionList(topic: topic, [(partition, offset)])
    var request = rd_kafka_DeleteRecords_new(list.pointer)
    defer { rd_kafka_DeleteRecords_destroy(request) }
    try client.ask(RD_KAFKA_ADMIN_OP_DELETERECORDS, topic: topic, milliseconds: 30_000) { options, queue in
      rd_kafka_DeleteRecords(client.handle, &request, 1, options, queue)
    } answer: { _ in
    }
  }
}

extension KafkaAdmin {
  /// Gives a topic more partitions: `partitions` in all.
  public func addPartitions(to topic: String, total partitions: Int) throws(KafkaError) {
    var reason = [CChar](repeating: 0, count: 512)
    var request = rd_kafka_NewPartitions_new(topic, partitions, &reason, reason.count)
    guard request != nil else { throw .usage("topic \(topic): \(String(buffer: reason))", advice: nil) }
    defer { rd_kafka_NewPartitions_destroy(request) }
    try client.ask(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, topic: topic, milliseconds: 30_000) { options, queue in
      rd_kafka_CreatePartitions(client.handle, &request, 1, options, queue)
    } answer: { _ in
    }
  }
}

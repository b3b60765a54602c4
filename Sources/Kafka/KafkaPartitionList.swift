import CRdKafka

/// The owner of a librdkafka partition list.
struct KafkaPartitionList: ~Copyable {
  let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?

  /// - Parameter partitions: with the offset to read from or to store; nil is the start of the log.
  init(topic: String, _ partitions: [(partition: Int32, offset: Int64?)]) {
    pointer = rd_kafka_topic_partition_list_new(Int32(partitions.count))
    for (partition, offset) in partitions {
      let entry = rd_kafka_topic_partition_list_add(pointer, topic, partition)
      entry?.pointee.offset = offset ?? Int64(RD_KAFKA_OFFSET_BEGINNING)
    }
  }

  deinit { rd_kafka_topic_partition_list_destroy(pointer) }

  static func partitions(_ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> Set<Int32> {
    guard let list, let elements = list.pointee.elems else { return [] }
    return Set((0..<Int(list.pointee.cnt)).map { elements[$0].partition })
  }
}

import CRdKafka

/// One item of a consumer's poll: a message, the end of a partition, or a failure. A view into librdkafka's memory, valid only inside the
/// closure that receives it.
package struct KafkaMessage {
  /// The kind of item.
  package enum Content {
    case message
    /// The end of a partition: `offset` is the position after everything that is readable at present.
    case partitionEOF
    case error(KafkaError)
  }

  private let pointer: UnsafeMutablePointer<rd_kafka_message_t>

  init(_ pointer: UnsafeMutablePointer<rd_kafka_message_t>) { self.pointer = pointer }

  /// Whether `content` is `.message`; cheap enough for every row.
  @inline(__always)
  package var isMessage: Bool { pointer.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR }

  /// Message, end of partition or failure.
  package var content: Content {
    switch pointer.pointee.err {
    case RD_KAFKA_RESP_ERR_NO_ERROR: return .message
    case RD_KAFKA_RESP_ERR__PARTITION_EOF: return .partitionEOF
    case let code:
      let reason = rd_kafka_message_errstr(pointer).map { String(cString: $0) }
      return .error(KafkaError(code, reason: reason, coordinates: coordinates))
    }
  }

  /// The partition's id.
  package var partition: Int32 { pointer.pointee.partition }
  /// The message's offset; for `.end` the position after everything readable.
  package var offset: Int64 { pointer.pointee.offset }

  /// The id of the broker from which the message was read; −1 if librdkafka does not know it.
  package var broker: Int32 { rd_kafka_message_broker_id(pointer) }

  /// Milliseconds since the Unix epoch; −1 if the message has no timestamp.
  package var timestamp: Int64 {
    var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
    return rd_kafka_message_timestamp(pointer, &kind)
  }

  /// The key's bytes; nil if the message has no key.
  package var key: UnsafeRawBufferPointer? {
    pointer.pointee.key.map { UnsafeRawBufferPointer(start: $0, count: pointer.pointee.key_len) }
  }

  /// The payload's bytes; nil for a tombstone.
  package var payload: UnsafeRawBufferPointer? {
    pointer.pointee.payload.map { UnsafeRawBufferPointer(start: $0, count: pointer.pointee.len) }
  }

  private var coordinates: KafkaError.Coordinates? {
    guard let topic = pointer.pointee.rkt else { return nil }
    let partition = pointer.pointee.partition
    return KafkaError.Coordinates(topic: String(cString: rd_kafka_topic_name(topic)), partition: partition >= 0 ? partition : nil)
  }
}

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

import CRdKafka

/// What a consumer's poll hands over: a message, the end of a partition, or a failure. A view into librdkafka's memory, valid inside the
/// closure that got it.
public struct KafkaMessage {
  public enum Content {
    case message
    /// The position behind everything that is readable now: `offset`.
    case end
    case failure(KafkaError)
  }

  private let pointer: UnsafeMutablePointer<rd_kafka_message_t>

  init(_ pointer: UnsafeMutablePointer<rd_kafka_message_t>) { self.pointer = pointer }

  /// A message whose kind is known; the cheap question on the row's path.
  @inline(__always)
  public var isMessage: Bool { pointer.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR }

  public var content: Content {
    switch pointer.pointee.err {
    case RD_KAFKA_RESP_ERR_NO_ERROR: return .message
    case RD_KAFKA_RESP_ERR__PARTITION_EOF: return .end
    case let code:
      let reason = rd_kafka_message_errstr(pointer).map { String(cString: $0) }
      return .failure(KafkaError(code, reason: reason, place: place))
    }
  }

  public var partition: Int32 { pointer.pointee.partition }
  public var offset: Int64 { pointer.pointee.offset }

  /// The broker that the message was read from; −1 where librdkafka does not know it.
  public var broker: Int32 { rd_kafka_message_broker_id(pointer) }

  /// Milliseconds since the epoch as delivered; −1 where the message has none.
  public var timestamp: Int64 {
    var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
    return rd_kafka_message_timestamp(pointer, &kind)
  }

  /// nil where the message has no key.
  public var key: UnsafeRawBufferPointer? {
    pointer.pointee.key.map { UnsafeRawBufferPointer(start: $0, count: pointer.pointee.key_len) }
  }

  /// nil for a tombstone.
  public var payload: UnsafeRawBufferPointer? {
    pointer.pointee.payload.map { UnsafeRawBufferPointer(start: $0, count: pointer.pointee.len) }
  }

  private var place: KafkaError.Coordinates? {
    guard let topic = pointer.pointee.rkt else { return nil }
    let partition = pointer.pointee.partition
    return KafkaError.Coordinates(topic: String(cString: rd_kafka_topic_name(topic)), partition: partition >= 0 ? partition : nil)
  }
}

import CRdKafka

extension KafkaProducer {
  /// Queues one message of arbitrary bytes; waits while the queue is full.
  ///
  /// - Parameters:
  ///   - value: nil for a tombstone.
  ///   - partition: nil to use the partitioner.
  /// - Throws: `KafkaError` if the message is rejected or the producer is unusable.
  public func send(key: [UInt8]?, value: [UInt8]?, partition: Int32?) throws(KafkaError) {
    while true {
      // An empty value and a missing value (NULL) are different: only the pointer distinguishes them.
      let status = (key ?? []).withUnsafeBytes { keyBytes in
        (value ?? []).withUnsafeBytes { valueBytes in
          rd_kafka_produce(
            topicHandle, partition ?? RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
            value == nil ? nil : UnsafeMutableRawPointer(mutating: valueBytes.baseAddress ?? UnsafeRawPointer(topicHandle)),
            valueBytes.count, key == nil ? nil : keyBytes.baseAddress ?? UnsafeRawPointer(topicHandle), keyBytes.count, nil)
        }
      }
      if status == 0 { return }
      let code = rd_kafka_last_error()
      guard code == RD_KAFKA_RESP_ERR__QUEUE_FULL else { throw KafkaError(code, place: .init(topic: topic, partition: partition)) }
      try poll(milliseconds: 100)
    }
  }
}

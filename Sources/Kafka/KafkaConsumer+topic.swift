import CRdKafka

extension KafkaConsumer {
  /// The topic's partitions, ascending; nil where there is no such topic (yet).
  public func partitions(milliseconds: Int32) throws(KafkaError) -> [Int32]? {
    var metadata: UnsafePointer<rd_kafka_metadata>?
    let code = rd_kafka_metadata(client.handle, 0, topicHandle, &metadata, milliseconds)
    defer { if let metadata { rd_kafka_metadata_destroy(metadata) } }
    // Errors of the connection come by callback, and only a poll serves it.
    client.poll(milliseconds: 0)
    try client.check()
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { throw KafkaError(code) }
    client.context.reached()
    guard metadata.pointee.topic_cnt > 0 else { return nil }
    let topic = metadata.pointee.topics[0]
    switch topic.err {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      let partitions = (0..<Int(topic.partition_cnt)).map { topic.partitions[$0].id }.sorted()
      return partitions.isEmpty ? nil : partitions
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
      return nil
    default:
      throw KafkaError(topic.err, place: .init(topic: self.topic))
    }
  }

  /// The cluster's id; nil where the brokers have none.
  public func clusterID(milliseconds: Int32) -> String? {
    guard let text = rd_kafka_clusterid(client.handle, milliseconds) else { return nil }
    defer { rd_kafka_mem_free(client.handle, text) }
    return String(cString: text)
  }

  /// A partition's log start and its end as this consumer's isolation sees it: the high watermark, or the last stable offset.
  ///
  /// Blocks for as long as librdkafka does, which before 2.3.0 may be beyond the time given while a broker is away.
  public func watermarks(_ partition: Int32, milliseconds: Int32) throws(KafkaError) -> (start: Int64, end: Int64) {
    var (start, end) = (Int64(0), Int64(0))
    let code = rd_kafka_query_watermark_offsets(client.handle, topic, partition, &start, &end, milliseconds)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, place: .init(topic: topic, partition: partition)) }
    return (start, end)
  }

  /// The high watermark that came with the last answer to a fetch; nil before the partition's first message or end.
  public func lastHighWatermark(_ partition: Int32) -> Int64? {
    var (start, end) = (Int64(0), Int64(0))
    guard rd_kafka_get_watermark_offsets(client.handle, topic, partition, &start, &end) == RD_KAFKA_RESP_ERR_NO_ERROR, end >= 0 else {
      return nil
    }
    return end
  }
}

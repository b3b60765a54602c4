import CRdKafka

extension KafkaClient {
  /// The ids of a topic's partitions, ascending; empty if the topic does not exist.
  ///
  /// Requests metadata of all topics, since a request for one topic would create it on a broker with auto.create.topics.enable.
  func partitions(
    of topic: String, milliseconds: Int32, isStopped: () -> Bool = { false }
  ) throws(KafkaError) -> [Int32] {
    var answer: UnsafePointer<rd_kafka_metadata>?
    var code: rd_kafka_resp_err_t
    var left = milliseconds
    var slice: Int32 = 250
    // In slices of increasing length: a rejected password is reported between two of them.
    repeat {
      code = rd_kafka_metadata(handle, 1, nil, &answer, min(slice, left))
      try served()
      left -= slice
      slice = min(slice * 2, 1000)
    } while !isStopped() && code != RD_KAFKA_RESP_ERR_NO_ERROR && KafkaError.Kind(code) == .unavailable && left > 0
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else {
      let error = KafkaError(code, place: .init(topic: topic))
      guard error.kind == .unavailable else { throw error }
      context.recordTimeout()
      throw context.unavailable("no metadata came")
    }
    defer { rd_kafka_metadata_destroy(answer) }
    context.recordContact()
    for index in 0..<Int(answer.pointee.topic_cnt) {
      let entry = answer.pointee.topics[index]
      guard let name = entry.topic, String(cString: name) == topic else { continue }
      if entry.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART { return [] }
      guard entry.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(entry.err, place: .init(topic: topic)) }
      return (0..<Int(entry.partition_cnt)).map { entry.partitions[$0].id }.sorted()
    }
    return []
  }

  /// The cluster id; nil if it does not arrive within the time given.
  func clusterID(milliseconds: Int32) -> String? {
    // The id arrives with the first metadata: with 0 ms the result would be nil on a new client.
    guard let text = rd_kafka_clusterid(handle, max(10, milliseconds)) else { return nil }
    defer { rd_kafka_mem_free(handle, text) }
    return String(cString: text)
  }
}

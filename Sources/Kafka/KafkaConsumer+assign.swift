import CRdKafka

extension KafkaConsumer {
  /// The partitions that the group has assigned to this member, ascending.
  public var assignment: [Int32] { rebalanceHandler.state.withLock { $0.assignment }.sorted() }

  /// Reads exactly these partitions from these offsets; nil is the start of the log. Messages fetched before are discarded.
  ///
  /// A member of a group must pass only partitions of its `assignment`.
  public func assign(_ positions: [(partition: Int32, offset: Int64?)]) throws(KafkaError) {
    let list = KafkaPartitionList(topic: topic, positions)
    if isSubscribed, RebalanceHandler.isCooperative(client.handle) {
      let before = rebalanceHandler.state.withLock { $0.fetching }
      let taken = KafkaPartitionList(topic: topic, before.map { ($0, nil) })
      if let error = KafkaError(consuming: rd_kafka_incremental_unassign(client.handle, taken.pointer)) { throw error }
      rebalanceHandler.state.withLock { $0.fetching = [] }
      if let error = KafkaError(consuming: rd_kafka_incremental_assign(client.handle, list.pointer)) { throw error }
    } else {
      let code = rd_kafka_assign(client.handle, list.pointer)
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
    }
    rebalanceHandler.state.withLock { $0.fetching = Set(positions.map(\.partition)) }
    fetchStallWorkaround?.assigned(positions.map(\.partition))
  }

  /// Commits offsets to Kafka for tools that show lag, without waiting for the response: a failure changes nothing.
  public func commit(_ positions: [(partition: Int32, offset: Int64)]) {
    guard !positions.isEmpty else { return }
    let list = KafkaPartitionList(topic: topic, positions.map { ($0.partition, $0.offset) })
    rd_kafka_commit(client.handle, list.pointer, 1)
  }

  /// Commits offsets to Kafka and waits for the response, for `milliseconds` at most. Errors are ignored.
  public func commit(_ positions: [(partition: Int32, offset: Int64)], milliseconds: Int32) {
    guard !positions.isEmpty, let answers = rd_kafka_queue_new(client.handle) else { return }
    defer { rd_kafka_queue_destroy(answers) }
    let list = KafkaPartitionList(topic: topic, positions.map { ($0.partition, $0.offset) })
    guard rd_kafka_commit_queue(client.handle, list.pointer, answers, nil, nil) == RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    rd_kafka_event_destroy(rd_kafka_queue_poll(answers, milliseconds))
  }
}

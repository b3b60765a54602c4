import CRdKafka

/// A consumer of one topic that stores no offsets: the caller says where to read from.
///
/// One thread owns it. Only that thread may poll, assign and rewind, since librdkafka's batch calls may lose messages during a concurrent
/// change of the assignment.
public final class KafkaConsumer {
  /// Kafka's isolation level.
  public enum Isolation: String, Sendable {
    /// Committed messages only: for reading records.
    case committed = "read_committed"
    /// Everything up to the high watermark: for inspecting the topic.
    case uncommitted = "read_uncommitted"
  }

  /// Maximum number of messages per poll.
  static let pollSize = 1000
  /// Maximum time to leave the group: after a signal every program ends within ten seconds in total.
  private static let closeTimeout = Duration.seconds(3)

  /// The topic's name.
  public let topic: String
  let client: KafkaClient
  let rebalanceHandler: RebalanceHandler
  let queue: OpaquePointer
  let topicHandle: OpaquePointer
  let fetchStallWorkaround: FetchStallWorkaround?
  let messages: UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>
  var changesSeen = 0
  /// A request is unanswered, and its thread still uses the client.
  var isAsking = false
  /// Whether to stop waiting; called between the steps of a long request.
  public let isStopped: @Sendable () -> Bool
  private(set) var isSubscribed = false
  private var isOpen = true

  private init(
    topic: String, client: KafkaClient, group: RebalanceHandler, queue: OpaquePointer, topicHandle: OpaquePointer,
    isStopped: @escaping @Sendable () -> Bool
  ) {
    self.topic = topic
    self.isStopped = isStopped
    self.client = client
    self.rebalanceHandler = group
    self.queue = queue
    self.topicHandle = topicHandle
    fetchStallWorkaround =
      FetchStallWorkaround.isNeeded ? FetchStallWorkaround(client: client.handle, topic: topic, topicHandle: topicHandle) : nil
    messages = .allocate(capacity: Self.pollSize)
  }

  deinit { messages.deallocate() }

  /// Opens a consumer. It sends no request yet.
  ///
  /// - Parameters:
  ///   - group: the consumer group, which only `subscribe()` joins.
  ///   - endWithin: fetch.wait.max.ms, in milliseconds: also the maximum delay of end-of-partition events.
  ///   - isStopped: whether to stop waiting for a broker; called on the caller's thread.
  /// - Throws: `KafkaError` of kind `usage` for an invalid combination of properties.
  public static func open(
    _ configuration: KafkaConfiguration, topic: String, group name: String, isolation: Isolation = .committed, endWithin: Int = 20,
    isStopped: @escaping @Sendable () -> Bool = { false }, log: KafkaLog = .silent
  ) throws(KafkaError) -> KafkaConsumer {
    let group = RebalanceHandler(topic: topic)
    let client = try KafkaClient.open(
      .consumer, configuration, defaults: defaults(configuration, endWithin: endWithin), fixed: fixed(group: name, isolation: isolation),
      log: log, owner: group,
      prepare: { rd_kafka_conf_set_rebalance_cb($0, RebalanceHandler.rebalanced) })
    // The main queue, which carries errors, is not forwarded to the consumer queue: `rd_kafka_poll` would find messages there and abort.
    guard let queue = rd_kafka_queue_get_consumer(client.handle), let topicHandle = rd_kafka_topic_new(client.handle, topic, nil) else {
      let error = KafkaError(rd_kafka_last_error())
      client.close()
      throw error
    }
    return KafkaConsumer(topic: topic, client: client, group: group, queue: queue, topicHandle: topicHandle, isStopped: isStopped)
  }

  /// Joins the group. `poll` reports changes of the assignment as `rebalanced`.
  public func subscribe() throws(KafkaError) {
    isSubscribed = true
    let list = KafkaPartitionList(topic: topic, [(RD_KAFKA_PARTITION_UA, nil)])
    let code = rd_kafka_subscribe(client.handle, list.pointer)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
  }

  /// Closes the consumer. A member leaves its group first, so that other members get its partitions immediately. A second call does
  /// nothing.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    let hasLeft = !isSubscribed || leave()
    rd_kafka_queue_destroy(queue)
    // A request may wait as long as its broker does not respond; then the handle is left to the end of the process.
    guard fetchStallWorkaround?.stop() ?? true, hasLeft, !isAsking else {
      _ = Unmanaged.passRetained(client)
      return
    }
    rd_kafka_topic_destroy(topicHandle)
    client.close(flags: RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
  }

  /// Leaves the group; false if a broker does not respond in time: `rd_kafka_consumer_close` would wait for it for a minute or longer.
  private func leave() -> Bool {
    guard let last = rd_kafka_queue_new(client.handle) else { return false }
    defer { rd_kafka_queue_destroy(last) }
    guard KafkaError(consuming: rd_kafka_consumer_close_queue(client.handle, last)) == nil else { return false }
    let deadline = ContinuousClock.now + Self.closeTimeout
    while rd_kafka_consumer_closed(client.handle) == 0 {
      guard ContinuousClock.now < deadline else { return false }
      // Serves the rebalance callback, which unassigns all partitions.
      let count = rd_kafka_consume_batch_queue(last, 20, messages, Self.pollSize)
      for index in 0..<max(0, count) { rd_kafka_message_destroy(messages[index]) }
    }
    return true
  }
}

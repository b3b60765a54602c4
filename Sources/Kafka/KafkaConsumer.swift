import CRdKafka

/// A reader of one topic that keeps no offsets: whoever uses it says where to read from.
///
/// One thread owns it: polling, assigning and going back happen there and nowhere else, since librdkafka's batch calls may lose messages
/// beside a change of the assignment.
public final class KafkaConsumer {
  public enum Isolation: String, Sendable {
    /// What is committed, as everyone should read.
    case committed = "read_committed"
    /// Everything up to the high watermark: to look, not to land.
    case uncommitted = "read_uncommitted"
  }

  /// Messages a poll returns at most.
  static let pollSize = 1000
  /// How long leaving the group may take: a signal ends every program within ten seconds, with this and all else.
  private static let closeTimeout = Duration.seconds(3)

  public let topic: String
  let client: KafkaClient
  let rebalanceHandler: RebalanceHandler
  let queue: OpaquePointer
  let topicHandle: OpaquePointer
  let fetchStallWorkaround: FetchStallWorkaround?
  let messages: UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>
  var changesSeen = 0
  /// A question to the broker has no answer yet, and its thread still holds the client.
  var isAsking = false
  /// Asked between two steps of a request that takes long: whether to give up waiting.
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

  /// Opens a consumer. Nothing is asked of a broker yet.
  ///
  /// - Parameters:
  ///   - group: the consumer group, joined by `subscribe()` alone.
  ///   - endWithin: milliseconds after which a partition's end is reported at the latest.
  ///   - isStopped: whether to give up waiting for a broker; asked on the caller's thread.
  public static func open(
    _ configuration: KafkaConfiguration, topic: String, group name: String, isolation: Isolation = .committed, endWithin: Int = 20,
    isStopped: @escaping @Sendable () -> Bool = { false }, log: KafkaLog = .silent
  ) throws(KafkaError) -> KafkaConsumer {
    let group = RebalanceHandler(topic: topic)
    let client = try KafkaClient.open(
      .consumer, configuration, defaults: defaults(configuration, endWithin: endWithin), fixed: fixed(group: name, isolation: isolation),
      log: log, owner: group,
      prepare: { rd_kafka_conf_set_rebalance_cb($0, RebalanceHandler.rebalanced) })
    // The main queue, where errors are told, stays apart: forwarded to the consumer's, `rd_kafka_poll` would meet messages there, and abort.
    guard let queue = rd_kafka_queue_get_consumer(client.handle), let topicHandle = rd_kafka_topic_new(client.handle, topic, nil) else {
      let error = KafkaError(rd_kafka_last_error())
      client.close()
      throw error
    }
    return KafkaConsumer(topic: topic, client: client, group: group, queue: queue, topicHandle: topicHandle, isStopped: isStopped)
  }

  /// Joins the group: partitions come and go from now on, and poll says when.
  public func subscribe() throws(KafkaError) {
    isSubscribed = true
    let list = KafkaPartitionList(topic: topic, [(RD_KAFKA_PARTITION_UA, nil)])
    let code = rd_kafka_subscribe(client.handle, list.pointer)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
  }

  /// Ends the reading. A member leaves its group first, so that its partitions go to the others at once. Calling it again does nothing.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    let hasLeft = !isSubscribed || leave()
    rd_kafka_queue_destroy(queue)
    // A request may hang for as long as its broker does; then the handle is left to the end of the process.
    guard fetchStallWorkaround?.stop() ?? true, hasLeft, !isAsking else {
      _ = Unmanaged.passRetained(client)
      return
    }
    rd_kafka_topic_destroy(topicHandle)
    client.close(flags: RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
  }

  /// Leaves the group; false where a broker does not answer in time: `rd_kafka_consumer_close` would wait for it a minute and longer.
  private func leave() -> Bool {
    guard let last = rd_kafka_queue_new(client.handle) else { return false }
    defer { rd_kafka_queue_destroy(last) }
    guard KafkaError(consuming: rd_kafka_consumer_close_queue(client.handle, last)) == nil else { return false }
    let deadline = ContinuousClock.now + Self.closeTimeout
    while rd_kafka_consumer_closed(client.handle) == 0 {
      guard ContinuousClock.now < deadline else { return false }
      // Serves the rebalance callback, which gives up what is assigned.
      let count = rd_kafka_consume_batch_queue(last, 20, messages, Self.pollSize)
      for index in 0..<max(0, count) { rd_kafka_message_destroy(messages[index]) }
    }
    return true
  }
}

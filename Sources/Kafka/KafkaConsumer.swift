import CRdKafka
import Dispatch
import Synchronization

/// A consumer of one topic that stores no offsets: the caller says where to read from.
///
/// One thread owns it. Only that thread may poll, assign and rewind, since librdkafka's batch calls may lose messages during a concurrent
/// change of the assignment.
package final class KafkaConsumer {
  /// Kafka's isolation level.
  package enum IsolationLevel: String, Sendable {
    /// Committed messages only: for reading records.
    case readCommitted = "read_committed"
    /// Everything up to the high watermark: for inspecting the topic.
    case readUncommitted = "read_uncommitted"
  }

  /// Maximum number of messages per poll.
  static let pollSize = 1000
  /// Maximum time to leave the group: after a signal every program ends within ten seconds in total.
  private static let closeTimeout = Duration.seconds(3)

  /// The topic's name.
  package let topic: String
  let client: KafkaClient
  let rebalanceHandler: RebalanceHandler
  let queue: OpaquePointer
  let topicHandle: OpaquePointer
  let fetchStallWorkaround: FetchStallWorkaround?
  let messages: UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>
  var seenRebalanceCount = 0
  /// A request is unanswered, and its thread still uses the client.
  var hasPendingRequest = false
  /// Whether to stop waiting; called between the steps of a long request.
  package let isStopped: @Sendable () -> Bool
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
  ///   - instance: group.instance.id, this member's identity across restarts; nil: each run is a new member.
  ///   - fetchMaxWait: fetch.wait.max.ms, in milliseconds: also the maximum delay of end-of-partition events.
  ///   - isStopped: whether to stop waiting for a broker; called on the caller's thread.
  /// - Throws: `KafkaError` of kind `usage` for an invalid combination of properties.
  package static func open(
    _ configuration: KafkaConfiguration, topic: String, group name: String, instance: String? = nil,
    isolation: IsolationLevel = .readCommitted, fetchMaxWait: Int = 20,
    isStopped: @escaping @Sendable () -> Bool = { false }, log: KafkaLog = .silent
  ) throws(KafkaError) -> KafkaConsumer {
    let group = RebalanceHandler(topic: topic)
    let client = try KafkaClient.open(
      .consumer, configuration, defaults: defaults(configuration, fetchMaxWait: fetchMaxWait),
      managedProperties: managedProperties(group: name, instance: instance, isolation: isolation),
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
  ///
  /// - Throws: `KafkaError` if librdkafka refuses the subscription; errors of the broker arrive with `poll`.
  package func subscribe() throws(KafkaError) {
    isSubscribed = true
    let list = KafkaPartitionList(topic: topic, [(RD_KAFKA_PARTITION_UA, nil)])
    let code = rd_kafka_subscribe(client.handle, list.pointer)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
  }

  /// Closes the consumer. A member leaves its group first, so that other members get its partitions immediately. A second call does
  /// nothing.
  package func close() {
    guard isOpen else { return }
    isOpen = false
    let hasLeft = !isSubscribed || leave()
    rd_kafka_queue_destroy(queue)
    // A request may wait as long as its broker does not respond; then the handle is left to the end of the process.
    guard fetchStallWorkaround?.stop() ?? true, hasLeft, !hasPendingRequest else {
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

extension KafkaConsumer {
  /// The partitions that the group has assigned to this member, ascending.
  package var assignment: [Int32] { rebalanceHandler.state.withLock { $0.assignment }.sorted() }

  /// Reads exactly these partitions from these offsets; nil is the start of the log. Messages fetched before are discarded.
  ///
  /// A member of a group must pass only partitions of its `assignment`.
  ///
  /// - Throws: `KafkaError` if a partition is not in the assignment, or the client had a fatal error.
  package func assign(_ positions: [(partition: Int32, offset: Int64?)]) throws(KafkaError) {
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

  /// Commits offsets to Kafka for tools that show lag. Errors are ignored.
  ///
  /// - Parameter timeout: how long to wait for the response; nil: not at all.
  package func commit(_ positions: [(partition: Int32, offset: Int64)], timeout: Duration?) {
    guard !positions.isEmpty else { return }
    let list = KafkaPartitionList(topic: topic, positions.map { ($0.partition, $0.offset) })
    guard let timeout else {
      rd_kafka_commit(client.handle, list.pointer, 1)
      return
    }
    guard let answers = rd_kafka_queue_new(client.handle) else { return }
    defer { rd_kafka_queue_destroy(answers) }
    guard rd_kafka_commit_queue(client.handle, list.pointer, answers, nil, nil) == RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    rd_kafka_event_destroy(rd_kafka_queue_poll(answers, timeout.inMilliseconds))
  }
}

extension KafkaConsumer {
  /// The result of a poll.
  package enum PollResult: Sendable {
    /// The number of messages passed to the closure, without end-of-partition events and failures, and whether nothing more was at hand.
    case read(messages: Int, isDrained: Bool)
    /// The group changed this member's assignment: all messages of this poll are discarded. Read `assignment` and call `assign`.
    case rebalanced
  }

  /// Passes up to a thousand fetched messages to `body`; waits for the first of them for `timeout` at most, or until `wake`.
  ///
  /// If `body` returns false or throws, the remaining messages are discarded: the caller must call `assign` before the next poll.
  ///
  /// - Throws: `KafkaError` if the client is unusable; the errors of `body`.
  package func poll(timeout: Duration, _ body: (KafkaMessage) throws -> Bool) throws -> PollResult {
    // librdkafka waits until the array is full: so this waits for one message, and takes what is there beside it.
    var count = max(0, rd_kafka_consume_batch_queue(queue, timeout.inMilliseconds, messages, 1))
    if count > 0 { count += max(0, rd_kafka_consume_batch_queue(queue, 0, messages + 1, Self.pollSize - 1)) }
    defer { for index in 0..<count { rd_kafka_message_destroy(messages[index]) } }
    try client.pollAndThrowFailure()
    // The callback runs between two messages: those before it may belong to a revoked assignment.
    let changes = rebalanceHandler.state.withLock { $0.rebalanceCount }
    guard changes == seenRebalanceCount else {
      seenRebalanceCount = changes
      return .rebalanced
    }
    var read = 0
    for index in 0..<count {
      guard let pointer = messages[index] else { continue }
      let message = KafkaMessage(pointer)
      // For a consumer a fatal error is an item of the queue, not a call of the error callback.
      if pointer.pointee.err == RD_KAFKA_RESP_ERR__FATAL {
        client.context.handleError(RD_KAFKA_RESP_ERR__FATAL.rawValue, reason: "", in: client.handle)
        try client.throwFailure()
      }
      if message.isMessage { read += 1 }
      guard try body(message) else { break }
    }
    // No recordContact() here: queued messages are delivered long after the brokers have become unavailable.
    fetchStallWorkaround?.recordRead(read)
    return .read(messages: read, isDrained: count < Self.pollSize)
  }

  /// Ends the wait of a `poll`, from any thread, but not after `close`.
  package var wake: @Sendable () -> Void {
    // librdkafka's API is "completely thread-safe" (INTRODUCTION.md).
    nonisolated(unsafe) let queue = queue
    return { rd_kafka_queue_yield(queue) }
  }

  /// Number of established connections that broke: later messages may come from another log than earlier ones.
  package var disconnects: Int { client.context.disconnects.load(ordering: .relaxed) }

  /// Whether a connection failed since a broker last responded. A call of `partitions` then shows whether one responds.
  package var connectionSuspect: Bool { client.context.connectionSuspect }

  /// How long all brokers have been unavailable; nil if that is not known.
  package var unavailableDuration: Duration? { client.context.unavailableDuration }

  /// The error to end with when the brokers were unavailable for too long.
  package func unavailable(_ what: String) -> KafkaError { client.context.unavailable(what) }
}

extension KafkaConsumer {
  /// Properties that replace librdkafka's defaults for memory and speed; a user's `-X` overrides them.
  static func defaults(_ configuration: KafkaConfiguration, fetchMaxWait: Int) -> [(String, String)] {
    // While the database is unavailable, the member may not poll for --retry-seconds; it must not be removed from the group for that.
    let pollInterval = max(300, configuration.retrySeconds + 60)
    var defaults = [
      // Memory: 4 MB in the queue, and 256 KB per partition and fetch. Short messages are limited by their number, since librdkafka needs
      // some 400 bytes for each.
      ("queued.max.messages.kbytes", "4096"),
      ("queued.min.messages", "10000"),
      ("fetch.message.max.bytes", "262144"),
      ("fetch.max.bytes", "4194304"),
      ("fetch.wait.max.ms", String(fetchMaxWait)),
      // Added partitions are found within this time.
      ("topic.metadata.refresh.interval.ms", "10000"),
      ("max.poll.interval.ms", String(min(pollInterval, 86_400) * 1000)),
      // The partitions of a member that was killed are read again after this time. The brokers' minimum (group.min.session.timeout.ms);
      // heartbeats come from a thread of librdkafka, also while Postgres does not respond.
      ("session.timeout.ms", "6000"),
      ("heartbeat.interval.ms", "1500"),
      // How long a partition is not read after an error, such as a change of its leader.
      ("fetch.error.backoff.ms", "100"),
    ]
    // Before 2.2.0 a full queue puts the broker's thread to sleep for a second (librdkafka's issue 2879): there, a thread wakes it.
    if !FetchStallWorkaround.isNeeded { defaults.append(("fetch.queue.backoff.ms", "10")) }
    return defaults
  }

  /// Properties on which the delivery guarantee depends.
  static func managedProperties(group: String, instance: String? = nil, isolation: IsolationLevel) -> [(String, String)] {
    (instance.map { [("group.instance.id", $0)] } ?? []) + [
      ("group.id", group),
      ("enable.auto.commit", "false"),
      ("enable.auto.offset.store", "false"),
      // By default an offset out of range silently becomes the end of the log.
      ("auto.offset.reset", "error"),
      ("isolation.level", isolation.rawValue),
      ("enable.partition.eof", "true"),
    ]
  }
}

extension KafkaConsumer {
  /// The topic's partitions, ascending; empty if the topic does not exist (yet).
  ///
  /// - Throws: `KafkaError` of kind `unavailable` if no broker responds within the time given.
  package func partitions(timeout: Duration) throws(KafkaError) -> [Int32] {
    try client.partitions(of: topic, timeout: timeout, isStopped: isStopped)
  }

  /// The cluster id; nil if it does not arrive within the time given.
  package func clusterID(timeout: Duration) -> String? { client.clusterID(timeout: timeout) }

  /// The topic's settings, such as `cleanup.policy`.
  ///
  /// - Throws: `KafkaError`, of kind `unauthorized` without DescribeConfigs on the topic, `unavailable` if no broker answers in time.
  package func configuration(timeout: Duration) throws(KafkaError) -> [String: String] {
    try client.configuration(of: topic, timeout: timeout, isStopped: isStopped)
  }

  /// The start and the end of each partition's log. The end depends on this consumer's isolation: the high watermark (uncommitted), or the
  /// last stable offset (committed).
  ///
  /// librdkafka before 2.3.0 may wait longer than the time given while a broker is unavailable. So the request runs on a separate thread.
  ///
  /// - Throws: `KafkaError` if no broker answers in time.
  package func watermarks(of partitions: [Int32], timeout: Duration) throws(KafkaError) -> [Int32: KafkaWatermarks] {
    try request("watermarks", timeout: timeout) { client, topic throws(KafkaError) in
      var found: [Int32: KafkaWatermarks] = [:]
      for partition in partitions {
        var (start, end) = (Int64(0), Int64(0))
        let code = rd_kafka_query_watermark_offsets(client.handle, topic, partition, &start, &end, timeout.inMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, coordinates: .init(topic: topic, partition: partition)) }
        found[partition] = KafkaWatermarks(start: start, end: end)
      }
      return found
    }
  }

  /// The first offset of each partition whose message has this timestamp or a later one; partitions without such a message have no entry.
  ///
  /// - Parameter time: milliseconds since the Unix epoch.
  /// - Throws: `KafkaError` if no broker answers in time.
  package func offsets(of partitions: [Int32], at time: Int64, timeout: Duration) throws(KafkaError) -> [Int32: Int64] {
    try request("offsets", timeout: timeout) { client, topic throws(KafkaError) in
      let list = KafkaPartitionList(topic: topic, partitions.map { ($0, time) })
      let code = rd_kafka_offsets_for_times(client.handle, list.pointer, timeout.inMilliseconds)
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, coordinates: .init(topic: topic)) }
      var found: [Int32: Int64] = [:]
      for index in 0..<Int(list.pointer?.pointee.cnt ?? 0) {
        guard let entry = list.pointer?.pointee.elems?[index] else { continue }
        guard entry.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
          throw KafkaError(entry.err, coordinates: .init(topic: topic, partition: entry.partition))
        }
        if entry.offset >= 0 { found[entry.partition] = entry.offset }
      }
      return found
    }
  }

  /// Runs a blocking request on a thread of its own. If no response arrives in time, thread and client are left to the end of the process.
  private func request<Value: Sendable>(
    _ what: String, timeout: Duration, _ send: @escaping @Sendable (KafkaClient, String) throws(KafkaError) -> Value
  ) throws(KafkaError) -> Value {
    let answer = BlockingResult<Value>()
    let (client, topic) = (client, topic)
    hasPendingRequest = true
    DispatchQueue(label: "kafka.\(what)").async {
      do throws(KafkaError) { answer.complete(.success(try send(client, topic))) } catch { answer.complete(.failure(error)) }
    }
    guard let result = answer.wait(timeout: timeout, isStopped: isStopped) else {
      throw client.context.unavailable("no \(what) received")
    }
    hasPendingRequest = false
    return try result.get()
  }

  /// The high watermark of the last fetch response; nil before the partition's first message or end.
  package func lastHighWatermark(_ partition: Int32) -> Int64? {
    var (start, end) = (Int64(0), Int64(0))
    guard rd_kafka_get_watermark_offsets(client.handle, topic, partition, &start, &end) == RD_KAFKA_RESP_ERR_NO_ERROR, end >= 0 else {
      return nil
    }
    return end
  }
}

/// The start and the end of a partition's log.
package struct KafkaWatermarks: Sendable, Equatable {
  /// The offset of the first record in the log.
  package var start: Int64
  /// The offset after the last record.
  package var end: Int64

  /// Watermarks as two offsets.
  package init(start: Int64, end: Int64) { (self.start, self.end) = (start, end) }
}

/// A value that another thread may provide.
private final class BlockingResult<Value: Sendable>: Sendable {
  typealias Answer = Result<Value, KafkaError>
  private let value = Mutex<Answer?>(nil)
  private let completed = DispatchSemaphore(value: 0)

  func complete(_ answer: Answer) {
    value.withLock { $0 = answer }
    completed.signal()
  }

  func wait(timeout: Duration, isStopped: () -> Bool) -> Answer? {
    let deadline = ContinuousClock.now + timeout
    while completed.wait(timeout: .now() + .milliseconds(50)) == .timedOut, ContinuousClock.now < deadline, !isStopped() {}
    return value.withLock { $0 }
  }
}

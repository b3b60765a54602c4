import CRdKafka
import Synchronization

/// Publishes messages to one topic: idempotent, acknowledged by all in-sync replicas, with every delivery counted.
///
/// One thread owns it. The caller applies back-pressure: `tryProduce` returns false when librdkafka's queue is full, and `poll` waits for
/// delivery reports.
package final class KafkaProducer {
  /// The topic's name.
  package let topic: String
  let client: KafkaClient
  private let reports: DeliveryTracker
  let topicHandle: OpaquePointer
  private(set) var limits: TopicLimits?
  /// `message.max.bytes` in force.
  let maxBytes: Int
  /// Whether batches are compressed: then they are smaller on the wire than their messages.
  private(set) var isCompressed: Bool
  /// `batch.size`; nil if the user has set it.
  private let batchSize: Int?
  /// `transaction.timeout.ms` in force.
  let transactionTimeoutMilliseconds: Int
  var transactionStart: ContinuousClock.Instant?
  /// When the brokers count as unavailable if none has responded; nil once one has.
  var firstResponseDeadline: ContinuousClock.Instant?
  private var isClosed = false

  private init(
    topic: String, client: KafkaClient, reports: DeliveryTracker, topicHandle: OpaquePointer, limits: TopicLimits?,
    settings: ProducerSettings
  ) {
    self.topic = topic
    self.client = client
    self.reports = reports
    self.topicHandle = topicHandle
    self.limits = limits
    maxBytes = settings.maxBytes
    isCompressed = settings.isCompressed || limits?.isCompressed == true
    batchSize = settings.batchSize
    transactionTimeoutMilliseconds = settings.transactionTimeoutMilliseconds
  }

  /// Opens a producer. It sends no request yet.
  ///
  /// - Parameters:
  ///   - transactionalID: if set, messages can be sent in transactions only: see `initTransactions(isStopped:)`.
  ///   - limits: the topic's limits for batches and messages.
  ///   - log: receives state changes of the connection.
  /// - Throws: `KafkaError` of kind `usage` for an invalid topic name or combination of properties.
  package static func open(
    _ configuration: KafkaConfiguration, topic: String, transactionalID: String? = nil, limits: TopicLimits? = nil, log: KafkaLog = .silent
  ) throws(KafkaError) -> KafkaProducer {
    try KafkaTopic.check(topic)
    let settings = ProducerSettings(configuration, transactionalID: transactionalID, limits: limits)
    let reports = DeliveryTracker()
    let client = try KafkaClient.open(
      .producer, configuration, defaults: settings.defaults, managedProperties: settings.managedProperties, log: log, owner: reports
    ) { rd_kafka_conf_set_dr_msg_cb($0, takeDeliveryReport) }
    guard let topicHandle = rd_kafka_topic_new(client.handle, topic, nil) else {
      let error = KafkaError(rd_kafka_last_error(), coordinates: .init(topic: topic))
      client.close()
      throw error
    }
    return KafkaProducer(
      topic: topic, client: client, reports: reports, topicHandle: topicHandle, limits: limits, settings: settings)
  }

  /// Opens a producer that respects the limits in the topic's settings, if a broker returns them within two seconds.
  ///
  /// The request uses the same connection as the messages.
  ///
  /// - Throws: `KafkaError` of kind `usage` for an invalid topic name or combination of properties.
  package static func open(
    respectingLimitsOf topic: String, _ configuration: KafkaConfiguration, transactionalID: String? = nil, log: KafkaLog = .silent
  ) throws(KafkaError) -> KafkaProducer {
    let producer = try open(configuration, topic: topic, transactionalID: transactionalID, log: log)
    let start = ContinuousClock.now
    guard let limits = producer.client.limits(of: topic) else {
      // librdkafka reports a broker that does not respond only when its own requests time out, which may be after --retry-seconds.
      if .now - start >= .seconds(1) { producer.firstResponseDeadline = start + .seconds(configuration.retrySeconds) }
      return producer
    }
    producer.limits = limits
    producer.isCompressed = producer.isCompressed || limits.isCompressed
    guard let batchSize = producer.batchSize, limits.maxBytes < batchSize else { return producer }
    // The size of batches cannot be changed later.
    producer.close()
    return try open(configuration, topic: topic, transactionalID: transactionalID, limits: limits, log: log)
  }

  /// Number of messages that all in-sync replicas have acknowledged.
  package var delivered: Int { reports.delivered.load(ordering: .relaxed) }
  /// Number of messages that were not delivered.
  package var failed: Int { reports.failed.load(ordering: .relaxed) }
  /// The tag of the first message that was not delivered; nil if it had none, or if there is no such message.
  package var failedTag: Int? { reports.firstFailure.withLock { $0.flatMap { $0.tag == 0 ? nil : $0.tag } } }
  /// Number of produced messages without a delivery report.
  package var outstanding: Int { Int(rd_kafka_outq_len(client.handle)) }

  /// Produces a message if there is room in librdkafka's queue. Key and value are copied.
  ///
  /// - Parameter tag: identifies the message in `failedTag`, such as its line number.
  /// - Returns: false if librdkafka's queue is full: call `poll`, then try again.
  /// - Throws: `KafkaError`: why this message cannot be sent, such as its size, or why the producer is unusable.
  package func tryProduce(key: RawSpan?, value: RawSpan, tag: Int = 0) throws(KafkaError) -> Bool {
    let opaque = UnsafeMutableRawPointer(bitPattern: tag)
    let status = value.withUnsafeBytes { value in
      let bytes = UnsafeMutableRawPointer(mutating: value.baseAddress)
      guard let key else {
        return rd_kafka_produce(topicHandle, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, bytes, value.count, nil, 0, opaque)
      }
      return key.withUnsafeBytes { key in
        // An empty key is different from no key: its pointer may be any pointer except NULL.
        let start = key.baseAddress ?? UnsafeRawPointer(topicHandle)
        return rd_kafka_produce(
          topicHandle, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, bytes, value.count, start, key.count, opaque)
      }
    }
    if status == 0 { return true }
    // "rd_kafka_last_error() … is per thread", and this is the calling thread.
    let code = rd_kafka_last_error()
    if code == RD_KAFKA_RESP_ERR__QUEUE_FULL { return false }
    // Only the client knows the cause of the fatal error, and its callback may not have run yet.
    if code == RD_KAFKA_RESP_ERR__FATAL { client.context.handleError(code.rawValue, reason: "", in: client.handle) }
    try throwFailure()
    let error = KafkaError(code, coordinates: .init(topic: topic))
    // librdkafka itself rejected the message: no broker has seen it.
    throw error.kind == .data ? error : addingContext(error)
  }

  /// Serves delivery reports; waits up to `timeout` for the first one.
  ///
  /// - Throws: `KafkaError` if the producer is unusable or a message was not delivered.
  package func poll(timeout: Duration) throws(KafkaError) {
    client.poll(timeout: timeout)
    try throwFailure()
  }

  /// Sends all queued messages without lingering; waits up to `timeout`.
  ///
  /// - Returns: whether every message has its delivery report.
  /// - Throws: `KafkaError` if the producer is unusable or a message was not delivered.
  package func flush(timeout: Duration) throws(KafkaError) -> Bool {
    let code = rd_kafka_flush(client.handle, timeout.inMilliseconds)
    client.context.logOutageIfDue()
    try throwFailure()
    return code == RD_KAFKA_RESP_ERR_NO_ERROR
  }

  /// Queues one message; waits while the queue is full. For tests, and for callers with few messages.
  ///
  /// - Throws: `KafkaError` if the producer is unusable, or an earlier message was not delivered.
  package func send(key: String?, value: String) throws(KafkaError) {
    let key = key.map { Array($0.utf8) }
    let value = Array(value.utf8)
    while try !tryProduce(key: key?.span.bytes, value: value.span.bytes) { try poll(timeout: .milliseconds(100)) }
  }

  /// Throws the error that made the producer unusable, or the error of the first message that was not delivered.
  private func throwFailure() throws(KafkaError) {
    if let failure = client.context.failure { throw addingContext(failure) }
    if let firstResponseDeadline {
      if delivered > 0 { self.firstResponseDeadline = nil }
      if delivered == 0, outstanding > 0, .now >= firstResponseDeadline {
        throw client.context.unavailable("a message to topic \(topic) was not acknowledged")
      }
    }
    guard failed > 0, let failure = reports.firstFailure.withLock({ $0 }) else { return }
    throw addingContext(failure.error)
  }

  /// Closes the producer. Messages that were not flushed are lost. A second call does nothing.
  package func close() {
    guard !isClosed else { return }
    isClosed = true
    rd_kafka_topic_destroy(topicHandle)
    client.close()
  }
}

extension KafkaProducer {
  /// Queues one message of arbitrary bytes; waits while the queue is full.
  ///
  /// - Parameters:
  ///   - value: nil for a tombstone.
  ///   - partition: nil to use the partitioner.
  /// - Throws: `KafkaError` if the message is rejected or the producer is unusable.
  package func send(key: [UInt8]?, value: [UInt8]?, partition: Int32?) throws(KafkaError) {
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
      guard code == RD_KAFKA_RESP_ERR__QUEUE_FULL else { throw KafkaError(code, coordinates: .init(topic: topic, partition: partition)) }
      try poll(timeout: .milliseconds(100))
    }
  }
}

/// Transactions: messages between `beginTransaction` and `commitTransaction` become visible together, or never.
extension KafkaProducer {
  /// Milliseconds per call of librdkafka, between two checks for cancellation.
  private static let slice: Int32 = 500

  /// Prepares the producer for transactions: aborts the transaction that a crashed run with the same transactional id left open, and fences
  /// a running one.
  ///
  /// - Parameter isStopped: called twice per second; true ends the wait with `unavailable`.
  /// - Throws: `KafkaError`, of kind `unavailable` if the coordinator does not respond for `--retry-seconds`.
  package func initTransactions(isStopped: () -> Bool = { false }) throws(KafkaError) {
    let deadline = firstResponseDeadline ?? .now + .seconds(client.context.retrySeconds)
    try retrying("the transaction coordinator did not answer", until: deadline, isStopped) {
      rd_kafka_init_transactions(client.handle, Self.slice)
    }
    client.context.recordContact()
    firstResponseDeadline = nil
  }

  /// Begins a transaction.
  ///
  /// - Throws: `KafkaError` of kind `fenced` if another run took over.
  package func beginTransaction() throws(KafkaError) {
    transactionStart = .now
    if let error = KafkaError(consuming: rd_kafka_begin_transaction(client.handle), coordinates: .init(topic: topic)) {
      throw addingContext(error)
    }
  }

  /// Commits the transaction, which makes its messages visible. It cannot be cancelled: the outcome would be unknown.
  ///
  /// - Throws: `KafkaError`, of kind `unavailable` after `--retry-seconds`.
  package func commitTransaction() throws(KafkaError) {
    try retrying("the transaction was not committed", { false }) { rd_kafka_commit_transaction(client.handle, Self.slice) }
    transactionStart = nil
  }

  /// Maximum seconds for an abort: a signal must end the program within ten seconds. Readers never see the messages of a transaction that
  /// is not aborted here; the next run with the same transactional id, or the broker after transaction.timeout.ms, aborts it.
  private static let abortSeconds = 4

  /// Aborts the transaction: no message since `beginTransaction` becomes visible. Does nothing if none is open.
  ///
  /// - Throws: `KafkaError` if the coordinator does not answer in time, or the producer was fenced.
  package func abortTransaction() throws(KafkaError) {
    guard transactionStart != nil else { return }
    transactionStart = nil
    let deadline = ContinuousClock.now + .seconds(min(Self.abortSeconds, client.context.retrySeconds))
    try retrying("the transaction was not aborted", until: deadline, { false }) {
      rd_kafka_abort_transaction(client.handle, Self.slice)
    }
  }

  /// Repeats `call` until it succeeds, the error is not retriable, or `deadline` has passed (default: in `--retry-seconds`).
  private func retrying(
    _ what: String, until deadline: ContinuousClock.Instant? = nil, _ isStopped: () -> Bool, _ call: () -> OpaquePointer?
  ) throws(KafkaError) {
    let deadline = deadline ?? .now + .seconds(client.context.retrySeconds)
    while let error = KafkaError(consuming: call(), coordinates: .init(topic: topic)) {
      if let failure = client.context.failure { throw addingContext(failure) }
      guard error.isRetriable else { throw addingContext(error) }
      if ContinuousClock.now >= deadline || isStopped() { throw client.context.unavailable(what) }
      client.poll(timeout: .milliseconds(100))
    }
  }

  /// Adds information to an error that librdkafka's message does not contain.
  func addingContext(_ error: KafkaError) -> KafkaError {
    var error = error
    if let start = transactionStart, error.kind != .unauthorized, error.kind != .data,
      ContinuousClock.now - start >= .milliseconds(transactionTimeoutMilliseconds)
    {
      error.kind = .unavailable
      error.coordinates = nil
      error.message =
        "the transaction was open for longer than transaction.timeout.ms (\(transactionTimeoutMilliseconds) ms), so the broker aborted it"
      error.hint =
        "Raise it, as in -X transaction.timeout.ms=900000 (the broker's transaction.max.timeout.ms bounds it)."
    } else if error.kind == .fenced {
      error.hint = "Another run with the same transactional id has taken over."
    } else if error.kind == .data {
      return explainingRejection(error)
    } else if error.name == "_MSG_TIMED_OUT" || error.name == "_TIMED_OUT" {
      return timeout()
    }
    return error
  }

  /// The error for a message that was not acknowledged in time: no broker, no such topic, or too few in-sync replicas.
  private func timeout() -> KafkaError {
    let what = "a message to topic \(topic) was not acknowledged"
    guard client.context.unavailableDuration == nil, let partitions = try? client.partitions(of: topic, timeout: .seconds(2)) else {
      return client.context.unavailable(what)
    }
    if partitions.isEmpty { return KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, coordinates: .init(topic: topic)) }
    var error = client.context.unavailable(what)
    error.hint = "A broker responds: check that each partition of the topic has a leader and enough in-sync replicas (min.insync.replicas)."
    return error
  }
}

/// Counts librdkafka's delivery reports: one per produced message, delivered or failed.
final class DeliveryTracker: Sendable {
  let delivered = Atomic<Int>(0)
  let failed = Atomic<Int>(0)
  /// The error and the tag of the first message that was not delivered. Later messages mostly fail for the same reason.
  let firstFailure = Mutex<(error: KafkaError, tag: Int)?>(nil)

  func record(_ message: rd_kafka_message_t, context: ConnectionMonitor) {
    if message.err == RD_KAFKA_RESP_ERR_NO_ERROR {
      delivered.wrappingAdd(1, ordering: .relaxed)
      context.recordContact()
      return
    }
    failed.wrappingAdd(1, ordering: .relaxed)
    firstFailure.withLock { first in
      guard first == nil else { return }
      let topic = message.rkt.flatMap { rd_kafka_topic_name($0) }.map { String(cString: $0) } ?? ""
      let coordinates = KafkaError.Coordinates(topic: topic, partition: message.partition < 0 ? nil : message.partition)
      first = (KafkaError(message.err, coordinates: coordinates), Int(bitPattern: message._private))
    }
  }
}

/// Registered with `rd_kafka_conf_set_dr_msg_cb`; called on the thread that calls `rd_kafka_poll` or `rd_kafka_flush`.
let takeDeliveryReport: @convention(c) (OpaquePointer?, UnsafePointer<rd_kafka_message_t>?, UnsafeMutableRawPointer?) -> Void = {
  _, message, opaque in
  guard let message, let opaque else { return }
  // Runs once per message, so without reference counting. The client keeps its context until librdkafka's threads have ended, and the
  // context keeps its owner, which is a DeliveryTracker wherever this callback is registered.
  Unmanaged<ConnectionMonitor>.fromOpaque(opaque)._withUnsafeGuaranteedRef { context in
    guard let owner = context.owner else { return }
    Unmanaged.passUnretained(unsafeDowncast(owner, to: DeliveryTracker.self))._withUnsafeGuaranteedRef { reports in
      reports.record(message.pointee, context: context)
    }
  }
}

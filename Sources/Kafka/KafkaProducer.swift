import CRdKafka
import Synchronization

/// Publishes messages to one topic: idempotent, acknowledged by all in-sync replicas, with every delivery counted.
///
/// One thread owns it. The caller applies back-pressure: `tryProduce` returns false when librdkafka's queue is full, and `poll` waits for
/// delivery reports.
public final class KafkaProducer {
  /// The topic's name.
  public let topic: String
  let client: KafkaClient
  private let reports: DeliveryTracker
  let topicHandle: OpaquePointer
  private(set) var limits: TopicLimits?
  /// `message.max.bytes` in force.
  let maximumBytes: Int
  /// Whether batches are compressed: then they are smaller on the wire than their messages.
  private(set) var isCompressed: Bool
  /// `batch.size`; nil if the user has set it.
  private let batchSize: Int?
  /// `transaction.timeout.ms` in force.
  let transactionMilliseconds: Int
  var transactionStart: ContinuousClock.Instant?
  /// When a broker that has not answered yet counts as unreachable; nil where one has.
  var firstDeadline: ContinuousClock.Instant?
  private var isClosed = false

  private init(
    topic: String, client: KafkaClient, reports: DeliveryTracker, destination: OpaquePointer, limits: TopicLimits?,
    settings: ProducerSettings
  ) {
    self.topic = topic
    self.client = client
    self.reports = reports
    self.topicHandle = destination
    self.limits = limits
    maximumBytes = settings.maximumBytes
    isCompressed = settings.isCompressed || limits?.isCompressed == true
    batchSize = settings.batchSize
    transactionMilliseconds = settings.transactionMilliseconds
  }

  /// Opens a producer. It sends no request yet.
  ///
  /// - Parameters:
  ///   - transactionalID: if set, messages can be sent in transactions only: see `initTransactions(isStopped:)`.
  ///   - limits: the topic's limits for batches and messages.
  ///   - log: receives state changes of the connection.
  /// - Throws: `KafkaError` of kind `usage` for an invalid topic name or combination of properties.
  public static func open(
    _ configuration: KafkaConfiguration, topic: String, transactionalID: String? = nil, limits: TopicLimits? = nil, log: KafkaLog = .silent
  ) throws(KafkaError) -> KafkaProducer {
    try KafkaTopic.check(topic)
    let settings = ProducerSettings(configuration, transactionalID: transactionalID, limits: limits)
    let reports = DeliveryTracker()
    let client = try KafkaClient.open(
      .producer, configuration, defaults: settings.defaults, fixed: settings.fixed, log: log, owner: reports
    ) { rd_kafka_conf_set_dr_msg_cb($0, takeDeliveryReport) }
    guard let destination = rd_kafka_topic_new(client.handle, topic, nil) else {
      let error = KafkaError(rd_kafka_last_error(), place: .init(topic: topic))
      client.close()
      throw error
    }
    return KafkaProducer(
      topic: topic, client: client, reports: reports, destination: destination, limits: limits, settings: settings)
  }

  /// Opens a producer that respects the limits in the topic's settings, if a broker returns them within two seconds.
  ///
  /// The request uses the same connection as the messages.
  ///
  /// - Throws: `KafkaError` of kind `usage` for an invalid topic name or combination of properties.
  public static func open(
    keepingTo topic: String, _ configuration: KafkaConfiguration, transactionalID: String? = nil, log: KafkaLog = .silent
  ) throws(KafkaError) -> KafkaProducer {
    let producer = try open(configuration, topic: topic, transactionalID: transactionalID, log: log)
    let start = ContinuousClock.now
    guard let limits = producer.client.limits(of: topic) else {
      // A broker that says nothing is reported by librdkafka only when its own requests time out: later than was asked for.
      if .now - start >= .seconds(1) { producer.firstDeadline = start + .seconds(configuration.retrySeconds) }
      return producer
    }
    producer.limits = limits
    producer.isCompressed = producer.isCompressed || limits.isCompressed
    guard let batchSize = producer.batchSize, limits.maximumBytes < batchSize else { return producer }
    // The size of batches cannot be changed later.
    producer.close()
    return try open(configuration, topic: topic, transactionalID: transactionalID, limits: limits, log: log)
  }

  /// Number of messages that all in-sync replicas have acknowledged.
  public var delivered: Int { reports.delivered.load(ordering: .relaxed) }
  /// Number of messages that were not delivered.
  public var failed: Int { reports.failed.load(ordering: .relaxed) }
  /// The tag of the first message that was not delivered; nil if it had none, or if there is no such message.
  public var failedTag: Int? { reports.firstFailure.withLock { $0.flatMap { $0.tag == 0 ? nil : $0.tag } } }
  /// Number of produced messages without a delivery report.
  public var outstanding: Int { Int(rd_kafka_outq_len(client.handle)) }

  /// Produces a message if there is room in librdkafka's queue. Key and value are copied.
  ///
  /// - Parameter tag: identifies the message in `failedTag`, such as its line number.
  /// - Returns: false if librdkafka's queue is full: call `poll`, then try again.
  /// - Throws: `KafkaError`: why this message cannot be sent, such as its size, or why the producer is unusable.
  public func tryProduce(key: RawSpan?, value: RawSpan, tag: Int = 0) throws(KafkaError) -> Bool {
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
    try check()
    let error = KafkaError(code, place: .init(topic: topic))
    // librdkafka itself rejected the message: no broker has seen it.
    throw error.kind == .data ? error : addingContext(error)
  }

  /// Serves delivery reports; waits up to `milliseconds` for the first one.
  ///
  /// - Throws: `KafkaError` if the producer is unusable or a message was not delivered.
  public func poll(milliseconds: Int32) throws(KafkaError) {
    client.poll(milliseconds: milliseconds)
    try check()
  }

  /// Sends all queued messages without lingering; waits up to `milliseconds`.
  ///
  /// - Returns: whether every message has its delivery report.
  /// - Throws: `KafkaError` if the producer is unusable or a message was not delivered.
  public func flush(milliseconds: Int32) throws(KafkaError) -> Bool {
    let code = rd_kafka_flush(client.handle, milliseconds)
    client.context.logOutageIfDue()
    try check()
    return code == RD_KAFKA_RESP_ERR_NO_ERROR
  }

  /// Queues one message; waits while the queue is full. For tests, and for callers with few messages.
  public func send(key: String?, value: String) throws(KafkaError) {
    let key = key.map { Array($0.utf8) }
    let value = Array(value.utf8)
    while try !tryProduce(key: key?.span.bytes, value: value.span.bytes) { try poll(milliseconds: 100) }
  }

  /// Discards all messages that are queued or in flight; each message still gets its delivery report.
  public func purge() {
    rd_kafka_purge(client.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
    rd_kafka_flush(client.handle, 1000)
  }

  /// Throws the error that made the producer unusable, or the error of the first message that was not delivered.
  private func check() throws(KafkaError) {
    if let failure = client.context.failure { throw addingContext(failure) }
    if let firstDeadline {
      if delivered > 0 { self.firstDeadline = nil }
      if delivered == 0, outstanding > 0, .now >= firstDeadline {
        throw client.context.unavailable("a message to topic \(topic) was not acknowledged")
      }
    }
    guard failed > 0, let failure = reports.firstFailure.withLock({ $0 }) else { return }
    throw addingContext(failure.error)
  }

  /// Closes the producer. Messages that were not flushed are lost. A second call does nothing.
  public func close() {
    guard !isClosed else { return }
    isClosed = true
    rd_kafka_topic_destroy(topicHandle)
    client.close()
  }
}

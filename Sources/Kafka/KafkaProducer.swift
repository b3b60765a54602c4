import CRdKafka
import Synchronization

/// Publishes messages to one topic: idempotent, acknowledged by all in-sync replicas, each delivery counted.
///
/// One thread owns it. Back-pressure is the caller's: `tryProduce` says when librdkafka's queue is full, `poll` sleeps until there is room.
public final class KafkaProducer {
  public let topic: String
  let client: KafkaClient
  private let reports: DeliveryTracker
  let topicHandle: OpaquePointer
  private(set) var limits: TopicLimits?
  /// `message.max.bytes` in force.
  let maximumBytes: Int
  /// Batches are smaller on the wire than their messages.
  private(set) var isCompressed: Bool
  /// `batch.size`, unless it is the user's choice.
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

  /// Opens a producer; nothing is asked of a broker yet.
  ///
  /// - Parameters:
  ///   - transactionalID: with it messages are sent in transactions only: see `beginTransactions(isStopped:)`.
  ///   - limits: the topic's, so that batches and messages keep to them.
  ///   - log: where state changes of the connection go.
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

  /// Opens a producer that keeps to what the topic's settings allow, as far as a broker answers within two seconds.
  ///
  /// The question goes by the connection that the messages take.
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

  /// Messages that all in-sync replicas have acknowledged.
  public var delivered: Int { reports.delivered.load(ordering: .relaxed) }
  /// Messages that were given up.
  public var failed: Int { reports.failed.load(ordering: .relaxed) }
  /// The tag of the first message that was given up; nil where it had none, or none was given up.
  public var failedTag: Int? { reports.firstFailure.withLock { $0.flatMap { $0.tag == 0 ? nil : $0.tag } } }
  /// Messages handed over whose fate is not yet known.
  public var outstanding: Int { Int(rd_kafka_outq_len(client.handle)) }

  /// Hands a message over, if there is room for it. Both texts are copied.
  ///
  /// - Parameter tag: what `failedTag` names the message by: its line.
  /// - Returns: false when librdkafka's queue is full: `poll`, then offer it again.
  /// - Throws: what this message cannot be sent for, such as its size.
  public func tryProduce(key: RawSpan?, value: RawSpan, tag: Int = 0) throws(KafkaError) -> Bool {
    let opaque = UnsafeMutableRawPointer(bitPattern: tag)
    let status = value.withUnsafeBytes { value in
      let bytes = UnsafeMutableRawPointer(mutating: value.baseAddress)
      guard let key else {
        return rd_kafka_produce(topicHandle, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, bytes, value.count, nil, 0, opaque)
      }
      return key.withUnsafeBytes { key in
        // A key of no bytes is not a message without a key: its pointer may be any but NULL.
        let start = key.baseAddress ?? UnsafeRawPointer(topicHandle)
        return rd_kafka_produce(
          topicHandle, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, bytes, value.count, start, key.count, opaque)
      }
    }
    if status == 0 { return true }
    // «rd_kafka_last_error() … is per thread», and this is the thread that called.
    let code = rd_kafka_last_error()
    if code == RD_KAFKA_RESP_ERR__QUEUE_FULL { return false }
    // Only the client knows what it is that was fatal, and its callback may not have had its turn yet.
    if code == RD_KAFKA_RESP_ERR__FATAL { client.context.handleError(code.rawValue, reason: "", in: client.handle) }
    try check()
    let error = KafkaError(code, place: .init(topic: topic))
    // What librdkafka refuses itself, no broker has seen.
    throw error.kind == .data ? error : addingContext(error)
  }

  /// Serves delivery reports, and sleeps up to so many milliseconds until there is one.
  public func poll(milliseconds: Int32) throws(KafkaError) {
    client.poll(milliseconds: milliseconds)
    try check()
  }

  /// Sends what is queued without lingering, for up to so many milliseconds.
  ///
  /// - Returns: whether the fate of every message is known.
  public func flush(milliseconds: Int32) throws(KafkaError) -> Bool {
    let code = rd_kafka_flush(client.handle, milliseconds)
    client.context.logOutageIfDue()
    try check()
    return code == RD_KAFKA_RESP_ERR_NO_ERROR
  }

  /// Sends one message and returns when it is queued: for tests, and for whoever has few of them.
  public func send(key: String?, value: String) throws(KafkaError) {
    let key = key.map { Array($0.utf8) }
    let value = Array(value.utf8)
    while try !tryProduce(key: key?.span.bytes, value: value.span.bytes) { try poll(milliseconds: 100) }
  }

  /// Gives up what is queued or under way; each message still gets its report.
  public func purge() {
    rd_kafka_purge(client.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
    rd_kafka_flush(client.handle, 1000)
  }

  /// What ended this producer, or the first message that was given up.
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

  /// Frees everything; what was not flushed is lost. A second call does nothing.
  public func close() {
    guard !isClosed else { return }
    isClosed = true
    rd_kafka_topic_destroy(topicHandle)
    client.close()
  }
}

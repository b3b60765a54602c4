/// librdkafka properties of the producer, in addition to the user's.
struct ProducerSettings {
  /// Properties that the user may override.
  let defaults: [(String, String)]
  /// Properties on which the delivery guarantee depends.
  let managedProperties: [(String, String)]
  /// Maximum bytes of key and value of one message.
  let maxBytes: Int
  let isCompressed: Bool
  /// `batch.size`; nil if the user has set it.
  let batchSize: Int?
  /// `transaction.timeout.ms`: how long a transaction may stay open.
  let transactionTimeoutMilliseconds: Int

  init(_ configuration: KafkaConfiguration, transactionalID: String?, limits: TopicLimits? = nil) {
    maxBytes = configuration.value(of: "message.max.bytes").flatMap { Int($0) } ?? 1_000_000
    isCompressed = configuration.value(of: "compression.codec", "compression.type").map { $0 != "none" } ?? false
    transactionTimeoutMilliseconds = configuration.value(of: "transaction.timeout.ms").flatMap { Int($0) } ?? 60_000
    // Smaller than librdkafka's default of 1 MB: the broker processes a batch while the next one is built. A topic's limit may be lower.
    let batchSize = min(131_072, max(1, limits?.maxBytes ?? 131_072))
    self.batchSize = configuration.value(of: "batch.size") == nil ? batchSize : nil
    var messageMilliseconds = configuration.retryMilliseconds
    if transactionalID != nil {
      // "message.timeout.ms must be set <= transaction.timeout.ms", or rd_kafka_new fails.
      messageMilliseconds = min(messageMilliseconds, 60_000, transactionTimeoutMilliseconds)
    }
    defaults = [
      ("client.id", "netflix-producer"),
      // The partitioner of the Java client; librdkafka's default hashes keys differently.
      ("partitioner", "murmur2_random"),
      ("message.timeout.ms", "\(messageMilliseconds)"),
      ("transaction.timeout.ms", "\(transactionTimeoutMilliseconds)"),
      // A missing topic may be created later: wait for it as long as for a broker.
      ("topic.metadata.propagation.max.ms", "\(configuration.retryMilliseconds)"),
      ("socket.nagle.disable", "true"),
      // The queue is limited in bytes and messages (each needs 200 B in addition to its text), so that memory stays flat. A longer queue is
      // slower: messages are then copied from memory that is no longer in the processor's cache.
      // A message of the maximum size must fit, or it would wait forever.
      ("queue.buffering.max.kbytes", "\(max(8192, maxBytes / 512))"),
      ("queue.buffering.max.messages", "20000"),
      ("batch.size", "\(batchSize)"),
      ("linger.ms", "5"),
    ]
    var managedProperties = [("enable.idempotence", "true"), ("acks", "all"), ("delivery.report.only.error", "false")]
    if let transactionalID { managedProperties.append(("transactional.id", transactionalID)) }
    self.managedProperties = managedProperties
  }
}

/// The limits that a topic's settings put on messages. They are needed before the first message: a broker rejects a whole batch because of
/// one message, and because of the total size.
package struct TopicLimits: Sendable, Equatable {
  /// `max.message.bytes`: the maximum size of a batch, and therefore of a message.
  package var maxBytes: Int
  /// Whether `cleanup.policy` contains compact: then messages without a key are rejected.
  package var isCompacted: Bool
  /// Whether the broker compresses batches before it checks their size.
  package var isCompressed: Bool

  /// Limits with a maximum size in bytes.
  package init(maxBytes: Int, isCompacted: Bool = false, isCompressed: Bool = false) {
    (self.maxBytes, self.isCompacted, self.isCompressed) = (maxBytes, isCompacted, isCompressed)
  }

  init?(_ settings: [String: String]) {
    guard let maxBytes = settings["max.message.bytes"].flatMap({ Int($0) }) else { return nil }
    self.init(
      maxBytes: maxBytes, isCompacted: settings["cleanup.policy"]?.contains("compact") ?? false,
      isCompressed: !["producer", "uncompressed", nil].contains(settings["compression.type"]))
  }
}

extension KafkaClient {
  /// Requests the limits from a broker, for two seconds at most. Nil if none responds in time, the topic does not exist yet, or its
  /// settings cannot be read (the operation DESCRIBE_CONFIGS is not granted): then the broker's error is the only information.
  func limits(of topic: String) -> TopicLimits? {
    return (try? configuration(of: topic, timeout: .seconds(min(2, context.retrySeconds)))).flatMap { TopicLimits($0) }
  }
}

extension KafkaProducer {
  /// The error with which a message of these sizes would be rejected, or nil: `MSG_SIZE_TOO_LARGE` or, without a key, `INVALID_RECORD`.
  ///
  /// - Parameters:
  ///   - keySize: bytes of the key; nil for a message without a key.
  ///   - valueSize: bytes of the value.
  package func validationError(keySize: Int?, valueSize: Int) -> KafkaError? {
    if keySize == nil, let limits, limits.isCompacted { return Self.missingKeyError(topic) }
    let bytes = (keySize ?? 0) + valueSize
    var broken: [String] = []
    if bytes > maxBytes { broken.append("message.max.bytes (\(maxBytes)) here") }
    // With compression only the broker knows the size.
    if let limits, !isCompressed, Self.batchBytes(key: keySize, value: valueSize) > limits.maxBytes {
      broken.append("max.message.bytes (\(limits.maxBytes)) of the topic")
    }
    guard !broken.isEmpty else { return nil }
    let topics = broken.count == 2 ? ", and the topic's" : limits == nil ? ", and the topic's max.message.bytes if that is less" : ""
    return KafkaError(
      kind: .data, name: "MSG_SIZE_TOO_LARGE",
      message: "its message has \(bytes) bytes, more than \(broken.joined(separator: " and ")) allow\(broken.count == 1 ? "s" : "")",
      coordinates: .init(topic: topic),
      hint: bytes > maxBytes
        ? "Raise it, as in -X message.max.bytes=\(bytes)\(topics), or shorten the row."
        : "Raise the topic's, or shorten the row.")
  }

  /// Bytes of a batch that contains only this message (KIP-98): a header of 61 bytes, and the record with its variable-length integers.
  static func batchBytes(key: Int?, value: Int) -> Int {
    // Zigzag encoding, 7 bits per byte.
    func length(_ number: Int) -> Int { (max(1, Int.bitWidth - (2 * number).leadingZeroBitCount) + 6) / 7 }
    // Attributes, timestamp, offset, headers: one byte each. A missing key is -1, in one byte.
    let record = 4 + (key.map { length($0) + $0 } ?? 1) + length(value) + value
    return 61 + length(record) + record
  }

  static func missingKeyError(_ topic: String) -> KafkaError {
    KafkaError(
      kind: .data, name: "INVALID_RECORD", message: "a compacted topic (cleanup.policy=compact) requires a message key",
      coordinates: .init(topic: topic),
      hint: "Name the key of the rows (\"primaryKey\" in the description), or publish to a topic that is not compacted (--topic).")
  }

  /// Explains a broker's rejection of a batch with the topic's settings, if they are known.
  func explainingRejection(_ error: KafkaError) -> KafkaError {
    var error = error
    // The topic may not have existed at the start.
    let limits = limits ?? client.limits(of: topic)
    switch error.name {
    case "INVALID_RECORD":
      if limits?.isCompacted == true {
        let coordinates = error.coordinates
        error = Self.missingKeyError(topic)
        error.coordinates = coordinates
      }
    case "MSG_SIZE_TOO_LARGE", "RECORD_LIST_TOO_LARGE":
      let maximum = limits.map { "max.message.bytes (\($0.maxBytes))" } ?? "max.message.bytes"
      error.message = "a batch is larger than \(maximum) of the topic allows"
      error.hint =
        "Send smaller batches, such as -X batch.size=\(limits.map { min($0.maxBytes, 16_384) } ?? 16_384). If a single row is larger, "
        + "shorten it or raise the topic's max.message.bytes."
    default: break
    }
    return error
  }
}

/// librdkafka properties of the producer, in addition to the user's.
struct ProducerSettings {
  /// Properties that the user may override.
  let defaults: [(String, String)]
  /// Properties on which the delivery guarantee depends.
  let fixed: [(String, String)]
  /// Maximum bytes of key and value of one message.
  let maximumBytes: Int
  let isCompressed: Bool
  /// `batch.size`; nil if the user has set it.
  let batchSize: Int?
  /// `transaction.timeout.ms`: how long a transaction may stay open.
  let transactionMilliseconds: Int

  init(_ configuration: KafkaConfiguration, transactionalID: String?, limits: TopicLimits? = nil) {
    maximumBytes = configuration.value(of: "message.max.bytes").flatMap { Int($0) } ?? 1_000_000
    isCompressed = configuration.value(of: "compression.codec", "compression.type").map { $0 != "none" } ?? false
    transactionMilliseconds = configuration.value(of: "transaction.timeout.ms").flatMap { Int($0) } ?? 60_000
    // Smaller than librdkafka's default of 1 MB: the broker processes a batch while the next one is built. A topic's limit may be lower.
    let batchSize = min(131_072, max(1, limits?.maximumBytes ?? 131_072))
    self.batchSize = configuration.value(of: "batch.size") == nil ? batchSize : nil
    var messageMilliseconds = configuration.retryMilliseconds
    if transactionalID != nil {
      // "message.timeout.ms must be set <= transaction.timeout.ms", or rd_kafka_new fails.
      messageMilliseconds = min(messageMilliseconds, 60_000, transactionMilliseconds)
    }
    defaults = [
      ("client.id", "netflix-producer"),
      // The partitioner of the Java client; librdkafka's default hashes keys differently.
      ("partitioner", "murmur2_random"),
      ("message.timeout.ms", "\(messageMilliseconds)"),
      ("transaction.timeout.ms", "\(transactionMilliseconds)"),
      // A missing topic may be created later: wait for it as long as for a broker.
      ("topic.metadata.propagation.max.ms", "\(configuration.retryMilliseconds)"),
      ("socket.nagle.disable", "true"),
      // The queue is limited in bytes and messages (each needs 200 B in addition to its text), so that memory stays flat. A longer queue is
      // slower: messages are then copied from memory that is no longer in the processor's cache.
      // A message of the maximum size must fit, or it would wait forever.
      ("queue.buffering.max.kbytes", "\(max(8192, maximumBytes / 512))"),
      ("queue.buffering.max.messages", "20000"),
      ("batch.size", "\(batchSize)"),
      ("linger.ms", "5"),
    ]
    var fixed = [("enable.idempotence", "true"), ("acks", "all"), ("delivery.report.only.error", "false")]
    if let transactionalID { fixed.append(("transactional.id", transactionalID)) }
    self.fixed = fixed
  }
}

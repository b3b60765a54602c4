/// librdkafka's properties for our producer, beside the user's.
struct ProducerSettings {
  /// What the user may change.
  let defaults: [(String, String)]
  /// What the delivery promise rests on.
  let fixed: [(String, String)]
  /// The most bytes that the key and the value of one message may have.
  let maximumBytes: Int
  let isCompressed: Bool
  /// Nil: the user's.
  let batchSize: Int?
  /// How long a transaction may stay open.
  let transactionMilliseconds: Int

  init(_ configuration: KafkaConfiguration, transactionalID: String?, limits: TopicLimits? = nil) {
    maximumBytes = configuration.value(of: "message.max.bytes").flatMap { Int($0) } ?? 1_000_000
    isCompressed = configuration.value(of: "compression.codec", "compression.type").map { $0 != "none" } ?? false
    transactionMilliseconds = configuration.value(of: "transaction.timeout.ms").flatMap { Int($0) } ?? 60_000
    // Smaller than librdkafka's of 1 MB: the broker works on one while the next is made. A topic may take even less.
    let batchSize = min(131_072, max(1, limits?.maximumBytes ?? 131_072))
    self.batchSize = configuration.value(of: "batch.size") == nil ? batchSize : nil
    var messageMilliseconds = configuration.retryMilliseconds
    if transactionalID != nil {
      // «message.timeout.ms must be set <= transaction.timeout.ms», or rd_kafka_new fails.
      messageMilliseconds = min(messageMilliseconds, 60_000, transactionMilliseconds)
    }
    defaults = [
      ("client.id", "netflix-producer"),
      // Where the Java client puts a key; librdkafka's own default hashes differently.
      ("partitioner", "murmur2_random"),
      ("message.timeout.ms", "\(messageMilliseconds)"),
      ("transaction.timeout.ms", "\(transactionMilliseconds)"),
      // A topic that is missing may yet be made: it is waited for as a broker is.
      ("topic.metadata.propagation.max.ms", "\(configuration.retryMilliseconds)"),
      ("socket.nagle.disable", "true"),
      // The queue is bounded by bytes and by messages (each costs 200 B beside its text), so that memory stays flat. A longer one is
      // slower: messages are then copied from memory that the processor's cache has forgotten.
      // One of the largest messages must fit, or it would wait for room without end.
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

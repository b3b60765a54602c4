/// librdkafka's properties for our producer, beside the user's.
struct ProducerSettings {
  /// What the user may change.
  let defaults: [(String, String)]
  /// What the delivery promise rests on.
  let fixed: [(String, String)]
  /// How long a transaction may stay open.
  let transactionMilliseconds: Int

  init(_ configuration: KafkaConfiguration, transactionalID: String?) {
    transactionMilliseconds = configuration.value(of: "transaction.timeout.ms").flatMap { Int($0) } ?? 60_000
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
      ("queue.buffering.max.kbytes", "8192"),
      ("queue.buffering.max.messages", "20000"),
      // Smaller batches than librdkafka's of 1 MB: the broker works on one while the next is made.
      ("batch.size", "131072"),
      ("linger.ms", "5"),
    ]
    var fixed = [("enable.idempotence", "true"), ("acks", "all"), ("delivery.report.only.error", "false")]
    if let transactionalID { fixed.append(("transactional.id", transactionalID)) }
    self.fixed = fixed
  }
}

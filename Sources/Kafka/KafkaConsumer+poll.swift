import CRdKafka

extension KafkaConsumer {
  /// What a poll met beside its messages.
  public enum PollResult: Sendable {
    case read(messages: Int)
    /// The group changed what this member owns: everything that came with this poll is dropped. Read `assignment` and assign.
    case rebalanced
  }

  /// Hands over what has come, up to a thousand messages, waiting at most so long for them.
  ///
  /// What `body` throws goes on; the messages behind it are dropped then, so the caller must assign again before it reads on.
  public func poll(milliseconds: Int32, _ body: (KafkaMessage) throws -> Void) throws -> PollResult {
    let count = rd_kafka_consume_batch_queue(queue, milliseconds, messages, Self.pollSize)
    defer { for index in 0..<max(0, count) { rd_kafka_message_destroy(messages[index]) } }
    try client.served()
    // The callback runs between two messages: those before it may belong to an assignment that is over.
    let changes = rebalanceHandler.state.withLock { $0.changes }
    guard changes == changesSeen else {
      changesSeen = changes
      return .rebalanced
    }
    var read = 0
    for index in 0..<max(0, count) {
      guard let pointer = messages[index] else { continue }
      let message = KafkaMessage(pointer)
      if message.isMessage { read += 1 }
      try body(message)
    }
    // No word to the context that the brokers answer: what waits in the queue still comes long after they are gone.
    fetchStallWorkaround?.recordRead(read)
    return .read(messages: read)
  }

  /// How often a connection that was in use broke: what is read next may come from another log than what was read before.
  public var disconnects: Int { client.context.disconnects.load(ordering: .relaxed) }

  /// Whether a connection failed since a broker last answered: `partitions` asks, and its answer or its silence tells.
  public var connectionSuspect: Bool { client.context.connectionSuspect }

  /// How long all brokers have been away; nil while they are not known to be.
  public var unreachableDuration: Duration? { client.context.unreachableDuration }

  /// The error to end with when the brokers were away for too long.
  public func unavailable(_ what: String) -> KafkaError { client.context.unavailable(what) }
}

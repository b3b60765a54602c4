import CRdKafka

extension KafkaConsumer {
  /// The result of a poll.
  public enum PollResult: Sendable {
    /// Number of messages passed to the closure, without end-of-partition events and failures.
    case read(messages: Int)
    /// The group changed this member's assignment: all messages of this poll are discarded. Read `assignment` and call `assign`.
    case rebalanced
  }

  /// Passes up to a thousand fetched messages to `body`; waits for them for `milliseconds` at most.
  ///
  /// An error of `body` is rethrown, and the remaining messages are discarded: the caller must call `assign` before the next poll.
  ///
  /// - Throws: `KafkaError` if the client is unusable; the errors of `body`.
  public func poll(milliseconds: Int32, _ body: (KafkaMessage) throws -> Void) throws -> PollResult {
    let count = rd_kafka_consume_batch_queue(queue, milliseconds, messages, Self.pollSize)
    defer { for index in 0..<max(0, count) { rd_kafka_message_destroy(messages[index]) } }
    try client.served()
    // The callback runs between two messages: those before it may belong to a revoked assignment.
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
    // No recordContact() here: queued messages are delivered long after the brokers have become unavailable.
    fetchStallWorkaround?.recordRead(read)
    return .read(messages: read)
  }

  /// Number of established connections that broke: later messages may come from another log than earlier ones.
  public var disconnects: Int { client.context.disconnects.load(ordering: .relaxed) }

  /// Whether a connection failed since a broker last responded. A call of `partitions` then shows whether one responds.
  public var connectionSuspect: Bool { client.context.connectionSuspect }

  /// How long all brokers have been unavailable; nil if that is not known.
  public var unreachableDuration: Duration? { client.context.unreachableDuration }

  /// The error to end with when the brokers were unavailable for too long.
  public func unavailable(_ what: String) -> KafkaError { client.context.unavailable(what) }
}

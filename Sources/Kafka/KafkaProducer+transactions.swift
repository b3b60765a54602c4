import CRdKafka

/// All or nothing: messages between `beginTransaction` and `commitTransaction` become visible together, or never.
extension KafkaProducer {
  /// One call may take so long before a wish to stop is looked at.
  private static let slice: Int32 = 500

  /// Readies the producer for transactions: aborts what a dead run with the same transactional id left open, and fences a living one.
  ///
  /// - Parameter isStopped: asked twice a second; true ends the wait with `unavailable`.
  public func initTransactions(isStopped: () -> Bool = { false }) throws(KafkaError) {
    let deadline = firstDeadline ?? .now + .seconds(client.context.retrySeconds)
    try retrying("the transaction coordinator did not answer", until: deadline, isStopped) {
      rd_kafka_init_transactions(client.handle, Self.slice)
    }
    client.context.recordContact()
    firstDeadline = nil
  }

  public func beginTransaction() throws(KafkaError) {
    transactionStart = .now
    if let error = KafkaError(consuming: rd_kafka_begin_transaction(client.handle), place: .init(topic: topic)) {
      throw addingContext(error)
    }
  }

  /// Makes the messages visible. Once begun it is seen through: a wish to stop would leave the outcome unknown.
  public func commitTransaction() throws(KafkaError) {
    try retrying("the transaction was not committed", { false }) { rd_kafka_commit_transaction(client.handle, Self.slice) }
    transactionStart = nil
  }

  /// How long a broker may take to abort: a signal ends the program within ten seconds. What is not aborted here no reader sees, and the next
  /// run with the same transactional id, or the broker after transaction.timeout.ms, aborts it.
  private static let abortSeconds = 4

  /// Takes back every message since `beginTransaction`.
  public func abortTransaction() throws(KafkaError) {
    guard transactionStart != nil else { return }
    transactionStart = nil
    let deadline = ContinuousClock.now + .seconds(min(Self.abortSeconds, client.context.retrySeconds))
    try retrying("the transaction was not aborted", until: deadline, { false }) {
      rd_kafka_abort_transaction(client.handle, Self.slice)
    }
  }

  /// Calls until it works, the error is one that trying again does not help, or `deadline` (`--retry-seconds` from now) is over.
  private func retrying(
    _ what: String, until deadline: ContinuousClock.Instant? = nil, _ isStopped: () -> Bool, _ call: () -> OpaquePointer?
  ) throws(KafkaError) {
    let deadline = deadline ?? .now + .seconds(client.context.retrySeconds)
    while let error = KafkaError(consuming: call(), place: .init(topic: topic)) {
      if let failure = client.context.failure { throw addingContext(failure) }
      guard error.isRetriable else { throw addingContext(error) }
      if ContinuousClock.now >= deadline || isStopped() { throw client.context.unavailable(what) }
      client.poll(milliseconds: 100)
    }
  }

  /// An error with what is known beyond librdkafka's words.
  func addingContext(_ error: KafkaError) -> KafkaError {
    var error = error
    if let start = transactionStart, error.kind != .unauthorized, error.kind != .data,
      ContinuousClock.now - start >= .milliseconds(transactionMilliseconds)
    {
      error.kind = .unavailable
      error.coordinates = nil
      error.message =
        "the transaction was open for longer than transaction.timeout.ms (\(transactionMilliseconds) ms), so the broker aborted it"
      error.advice =
        "Raise it, as in -X transaction.timeout.ms=900000 (the broker's transaction.max.timeout.ms bounds it)."
    } else if error.kind == .fenced {
      error.advice = "Another run with the same transactional id has taken over."
    } else if error.kind == .data {
      return refused(error)
    } else if error.name == "_MSG_TIMED_OUT" || error.name == "_TIMED_OUT" {
      return timeout()
    }
    return error
  }

  /// A message was not acknowledged in time: for want of a broker, of the topic, or of replicas.
  private func timeout() -> KafkaError {
    let what = "a message to topic \(topic) was not acknowledged"
    guard client.context.unreachableDuration == nil, let partitions = try? client.partitions(of: topic, milliseconds: 2000) else {
      return client.context.unavailable(what)
    }
    if partitions.isEmpty { return KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, place: .init(topic: topic)) }
    var error = client.context.unavailable(what)
    error.advice = "A broker answers: has each partition of the topic a leader, and enough replicas in sync (min.insync.replicas)?"
    return error
  }
}

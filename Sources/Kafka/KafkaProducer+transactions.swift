import CRdKafka

/// Transactions: messages between `beginTransaction` and `commitTransaction` become visible together, or never.
extension KafkaProducer {
  /// Milliseconds per call of librdkafka, between two checks for cancellation.
  private static let slice: Int32 = 500

  /// Prepares the producer for transactions: aborts the transaction that a crashed run with the same transactional id left open, and fences
  /// a running one.
  ///
  /// - Parameter isStopped: called twice per second; true ends the wait with `unavailable`.
  /// - Throws: `KafkaError`, of kind `unavailable` if the coordinator does not respond for `--retry-seconds`.
  public func initTransactions(isStopped: () -> Bool = { false }) throws(KafkaError) {
    let deadline = firstDeadline ?? .now + .seconds(client.context.retrySeconds)
    try retrying("the transaction coordinator did not answer", until: deadline, isStopped) {
      rd_kafka_init_transactions(client.handle, Self.slice)
    }
    client.context.recordContact()
    firstDeadline = nil
  }

  /// Begins a transaction.
  ///
  /// - Throws: `KafkaError` of kind `fenced` if another run took over.
  public func beginTransaction() throws(KafkaError) {
    transactionStart = .now
    if let error = KafkaError(consuming: rd_kafka_begin_transaction(client.handle), place: .init(topic: topic)) {
      throw addingContext(error)
    }
  }

  /// Commits the transaction, which makes its messages visible. It cannot be cancelled: the outcome would be unknown.
  ///
  /// - Throws: `KafkaError`, of kind `unavailable` after `--retry-seconds`.
  public func commitTransaction() throws(KafkaError) {
    try retrying("the transaction was not committed", { false }) { rd_kafka_commit_transaction(client.handle, Self.slice) }
    transactionStart = nil
  }

  /// Maximum seconds for an abort: a signal must end the program within ten seconds. Readers never see the messages of a transaction that
  /// is not aborted here; the next run with the same transactional id, or the broker after transaction.timeout.ms, aborts it.
  private static let abortSeconds = 4

  /// Aborts the transaction: no message since `beginTransaction` becomes visible. Does nothing if none is open.
  public func abortTransaction() throws(KafkaError) {
    guard transactionStart != nil else { return }
    transactionStart = nil
    let deadline = ContinuousClock.now + .seconds(min(Self.abortSeconds, client.context.retrySeconds))
    try retrying("the transaction was not aborted", until: deadline, { false }) {
      rd_kafka_abort_transaction(client.handle, Self.slice)
    }
  }

  /// Repeats `call` until it succeeds, the error is not retriable, or `seconds` (default: `--retry-seconds`) have passed.
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

  /// Adds information to an error that librdkafka's message does not contain.
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

  /// The error for a message that was not acknowledged in time: no broker, no such topic, or too few in-sync replicas.
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

import Kafka

extension SinkTask {
  /// Polls once and does the work that is due.
  ///
  /// - Returns: whether the run is finished.
  func pollOnce() throws -> Bool {
    guard let consumer else { return true }
    if isStopped() { return try finish(consumer, isStopped: true) }
    if isDone, try finish(consumer, isStopped: false) { return true }
    let before = ContinuousClock.now
    let poll = try consumer.poll(milliseconds: 20) { try handle($0) }
    let now = ContinuousClock.now
    progress.secondsInKafka += (now - before) / .seconds(1)
    if case .rebalanced = poll { throw RecoveryAction.rewind }
    if writer.isBusy { try awaitResult(wait: false) }
    if !batch.isEmpty, batchStartedAt == nil { batchStartedAt = now }
    if !writer.isBusy, isDue(now) { submitBatch() }
    if !writer.isBusy, tracker.isIdle, batch.isEmpty, undurableCommits.contains(where: { !$0.isUnknown }) { commitDurably() }
    if !writer.isBusy, tracker.isIdle, batch.isEmpty, now - lastWrite >= DatabaseHealth.probeInterval { probe() }
    // A partition that delivers messages beyond its end is no longer read.
    if let open = tracker.leaveEndedPartitions() { try assign(open, consumer) }
    try checkStalledPartitions(now)
    try checkBrokerOutage(consumer, now)
    if now - lastReport >= .milliseconds(250) { reportProgress() }
    return false
  }

  private func isDue(_ now: ContinuousClock.Instant) -> Bool {
    guard !batch.isEmpty || !tracker.offsetCommits.isEmpty else { return false }
    if tracker.isIdle { return true }
    return batchStartedAt.map { now - $0 >= .seconds(options.batchSeconds) } ?? false
  }

  /// `--exit-at-end`: everything up to the ends fixed at the start has been read.
  private var isDone: Bool { options.exitAtEnd && tracker.haveReachedTargets }

  /// Handles one message, end-of-partition event or failure from a poll.
  private func handle(_ message: KafkaMessage) throws {
    guard message.isMessage else { return try handleEvent(message) }
    let disconnects = consumer?.disconnects ?? 0
    if disconnects != disconnectsSeen {
      disconnectsSeen = disconnects
      tracker.requireVerification()
    }
    switch tracker.handle(
      partition: message.partition, offset: message.offset, timestamp: message.timestamp, broker: message.broker)
    {
    case .discard: return
    case .verifyTopic: throw RecoveryAction.revalidateTopic
    case .accept: recordMapper.append(message, to: batch, rejects: store.rejectEncoder, forcedReason: forcedRejectionReason(for: message))
    }
    if isFull { try flush() }
  }

  private func forcedRejectionReason(for message: KafkaMessage) -> String? {
    guard let rejectedAtCommit, rejectedAtCommit.partition == message.partition, rejectedAtCommit.offset == message.offset else {
      return nil
    }
    return rejectedAtCommit.reason
  }

  /// Submits a full batch. The reader waits until the writer is free, which is the back-pressure.
  private func flush() throws {
    if writer.isBusy { try awaitResult(wait: true) }
    submitBatch()
    reportUnknownFields()
  }

  private func handleEvent(_ message: KafkaMessage) throws {
    switch message.content {
    case .message: return
    case .end:
      brokerOutage = nil
      tracker.handleEnd(partition: message.partition, offset: message.offset)
    case .failure(let error):
      switch error.name {
      case "_AUTO_OFFSET_RESET", "OFFSET_OUT_OF_RANGE":
        throw RecoveryAction.revalidateTopic
      case "_MAX_POLL_EXCEEDED":
        log(.warning, "the group removed this member while it waited for Postgres (max.poll.interval.ms): joining again")
      case _ where error.kind == .unavailable:
        if brokerOutage == nil {
          brokerOutage = (.now, error)
          log(.warning, "Kafka: \(error); trying for \(options.retrySeconds) s")
        }
      default:
        throw error
      }
    }
  }

  /// `--exit-at-end`: waits for an open transaction below the end, which is never mistaken for the end.
  private func checkStalledPartitions(_ now: ContinuousClock.Instant) throws {
    let limit = max(options.retrySeconds, options.openTransactionTimeoutSeconds)
    let stalled = tracker.checkStalledPartitions(now, limit: .seconds(limit))
    for partition in stalled.new {
      log(.info, "waiting for an open transaction at offset \(partition.next ?? 0) of partition \(partition.partition)")
    }
    guard let partition = stalled.expired.first else { return }
    throw SinkError(
      .unavailable,
      "topic \(options.topic), partition \(partition.partition): a transaction has been open at offset \(partition.next ?? 0) for \(limit) s",
      advice: "a producer crashed or is still running: its next run, or the broker after transaction.timeout.ms, ends the transaction")
  }

  /// Sends a metadata request each second while a connection is suspect: an idle member would not notice the recovery otherwise.
  private func checkBrokerOutage(_ consumer: KafkaConsumer, _ now: ContinuousClock.Instant) throws {
    guard consumer.connectionSuspect || brokerOutage != nil, now - lastProbe >= .seconds(1) else { return }
    lastProbe = now
    let isThere: Bool
    do {
      isThere = try !consumer.partitions(milliseconds: 500).isEmpty
    } catch {
      guard error.kind == .unavailable else { throw error }
      if let away = consumer.unreachableDuration, away >= .seconds(options.retrySeconds) { throw error }
      isThere = false
    }
    if isThere, let since = brokerOutage?.since {
      brokerOutage = nil
      log(.info, "Kafka: topic \(options.topic) answers again after \((now - since).components.seconds) s")
    }
    if let brokerOutage, now - brokerOutage.since >= .seconds(options.retrySeconds) { throw brokerOutage.error }
  }
}

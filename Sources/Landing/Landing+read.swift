import Kafka

extension Landing {
  /// Polls once and does what is due.
  ///
  /// - Returns: whether all is done.
  func step() throws -> Bool {
    guard let consumer else { return true }
    if isStopped() { return try finish(consumer, isStopped: true) }
    if isDone, try finish(consumer, isStopped: false) { return true }
    let before = ContinuousClock.now
    let poll = try consumer.poll(milliseconds: 20) { try take($0) }
    let now = ContinuousClock.now
    progress.secondsInKafka += (now - before) / .seconds(1)
    if case .rebalanced = poll { throw Detour.goBack }
    if writer.isBusy { try collect(wait: false) }
    if !batch.isEmpty, batchSince == nil { batchSince = now }
    if !writer.isBusy, isDue(now) { handOver() }
    if !writer.isBusy, tracker.isIdle, batch.isEmpty, pending.contains(where: { !$0.isUnknown }) { seal() }
    if !writer.isBusy, tracker.isIdle, batch.isEmpty, now - lastWrite >= DatabaseHealth.probeInterval { probe() }
    // Where messages beyond the end keep coming, the partition is read no more.
    if let open = tracker.leaveEndedPartitions() { try assign(open, consumer) }
    try checkStalled(now)
    try checkAway(consumer, now)
    if now - lastReport >= .milliseconds(250) { tell() }
    return false
  }

  private func isDue(_ now: ContinuousClock.Instant) -> Bool {
    guard !batch.isEmpty || !tracker.moves.isEmpty else { return false }
    if tracker.isIdle { return true }
    return batchSince.map { now - $0 >= .seconds(options.batchSeconds) } ?? false
  }

  /// `--exit-at-end`: all that was there at the start has been read.
  private var isDone: Bool { options.exitAtEnd && tracker.haveReachedEnds }

  /// One message, end or failure, as poll hands it over.
  private func take(_ message: KafkaMessage) throws {
    guard message.isMessage else { return try takeEvent(message) }
    let disconnects = consumer?.disconnects ?? 0
    if disconnects != disconnectsSeen {
      disconnectsSeen = disconnects
      tracker.requireVerification()
    }
    switch tracker.handle(
      partition: message.partition, offset: message.offset, timestamp: message.timestamp, broker: message.broker)
    {
    case .discard: return
    case .verifyTopic: throw Detour.seeToTopic
    case .accept: typist.type(message, into: batch, rejects: store.rejectEncoder, condemned: verdict(message))
    }
    if isFull { try flush() }
  }

  private func verdict(_ message: KafkaMessage) -> String? {
    guard let condemned, condemned.partition == message.partition, condemned.offset == message.offset else { return nil }
    return condemned.reason
  }

  /// A full batch: the reader waits until the writer is free. That is the back-pressure.
  private func flush() throws {
    if writer.isBusy { try collect(wait: true) }
    handOver()
    tellUnknownFields()
  }

  private func takeEvent(_ message: KafkaMessage) throws {
    switch message.content {
    case .message: return
    case .end:
      trouble = nil
      tracker.handleEnd(partition: message.partition, offset: message.offset)
    case .failure(let error):
      switch error.name {
      case "_AUTO_OFFSET_RESET", "OFFSET_OUT_OF_RANGE":
        throw Detour.seeToTopic
      case "_MAX_POLL_EXCEEDED":
        log(.warning, "the group gave this member up while it waited for Postgres: joining again")
      case _ where error.kind == .unreachable:
        if trouble == nil {
          trouble = (.now, error)
          log(.warning, "Kafka: \(error); trying for \(options.retrySeconds) s")
        }
      default:
        throw error
      }
    }
  }

  /// `--exit-at-end`: an open transaction below the end is waited for. It is never mistaken for the end.
  private func checkStalled(_ now: ContinuousClock.Instant) throws {
    let limit = max(options.retrySeconds, options.transactionSeconds)
    let stalled = tracker.checkStalled(now, limit: .seconds(limit))
    for partition in stalled.new {
      log(.info, "waiting for an open transaction at offset \(partition.next ?? 0) of partition \(partition.partition)")
    }
    guard let partition = stalled.expired.first else { return }
    throw LandingError(
      .unavailable,
      "topic \(options.topic), partition \(partition.partition): a transaction has been open at offset \(partition.next ?? 0) for \(limit) s",
      advice: "a producer died or is still at work: its next run, or the broker in transaction.timeout.ms, ends the transaction")
  }

  /// Asks, while something is wrong, whether it still is; an idle member would not hear of it otherwise.
  private func checkAway(_ consumer: KafkaConsumer, _ now: ContinuousClock.Instant) throws {
    guard consumer.isInDoubt || trouble != nil, now - lastProbe >= .seconds(1) else { return }
    lastProbe = now
    let isThere: Bool
    do {
      isThere = try !consumer.partitions(milliseconds: 500).isEmpty
    } catch {
      guard error.kind == .unreachable else { throw error }
      if let away = consumer.awayFor, away >= .seconds(options.retrySeconds) { throw error }
      isThere = false
    }
    if isThere, let since = trouble?.since {
      trouble = nil
      log(.info, "Kafka: topic \(options.topic) answers again after \((now - since).components.seconds) s")
    }
    if let trouble, now - trouble.since >= .seconds(options.retrySeconds) { throw trouble.error }
  }
}

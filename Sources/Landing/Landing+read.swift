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
    if !writer.isBusy, isIdle, batch.isEmpty, pending.contains(where: { !$0.isUnknown }) { seal() }
    if !writer.isBusy, isIdle, batch.isEmpty, now - lastWrite >= DatabaseHealth.probeInterval { probe() }
    try leavePastEnds(consumer)
    try checkWaiting(now)
    try checkAway(consumer, now)
    if now - lastReport >= .milliseconds(250) { tell() }
    return false
  }

  private func isDue(_ now: ContinuousClock.Instant) -> Bool {
    let hasMoves = positions.contains { $0.move != nil }
    guard !batch.isEmpty || hasMoves else { return false }
    if isIdle { return true }
    return batchSince.map { now - $0 >= .seconds(options.batchSeconds) } ?? false
  }

  /// `--exit-at-end`: all that was there at the start has been read.
  private var isDone: Bool { options.exitAtEnd && positions.allSatisfy(\.isDone) }

  /// One message, end or failure, as poll hands it over.
  private func take(_ message: KafkaMessage) throws {
    guard message.isMessage else { return try takeEvent(message) }
    if positionIndex >= positions.count || positions[positionIndex].partition != message.partition {
      guard let index = positions.firstIndex(where: { $0.partition == message.partition }) else { return }
      positionIndex = index
    }
    let offset = message.offset
    if let next = positions[positionIndex].next, offset < next { return }
    if let end = positions[positionIndex].end, offset >= end {
      positions[positionIndex].reached(end)
      positions[positionIndex].isPastEnd = true
      return
    }
    typist.type(message, into: batch, rejects: store.rejectEncoder, condemned: verdict(message))
    positions[positionIndex].next = offset &+ 1
    positions[positionIndex].last = Move.Last(offset: offset, timestamp: message.timestamp)
    positions[positionIndex].isAtEnd = false
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
      guard let index = positions.firstIndex(where: { $0.partition == message.partition }) else { return }
      positions[index].reached(message.offset)
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

  /// Where messages beyond the end keep coming, the partition is read no more.
  private func leavePastEnds(_ consumer: KafkaConsumer) throws {
    guard positions.contains(where: \.isPastEnd), positions.contains(where: { !$0.isDone }) else { return }
    try assign(positions.filter { !$0.isDone }, consumer)
    for index in positions.indices { positions[index].isPastEnd = false }
  }

  /// `--exit-at-end`: an open transaction below the end is waited for, and never taken for nothing.
  private func checkWaiting(_ now: ContinuousClock.Instant) throws {
    guard options.exitAtEnd else { return }
    for index in positions.indices {
      let position = positions[index]
      guard position.isAtEnd, !position.isDone else {
        positions[index].waitingSince = nil
        continue
      }
      guard let since = position.waitingSince else {
        positions[index].waitingSince = now
        log(.info, "waiting for an open transaction at offset \(position.next ?? 0) of partition \(position.partition)")
        continue
      }
      let limit = max(options.retrySeconds, options.transactionSeconds)
      guard now - since >= .seconds(limit) else { continue }
      throw LandingError(
        .unavailable,
        "topic \(options.topic), partition \(position.partition): a transaction stays open at offset \(position.next ?? 0), \(limit) s already",
        advice: "a producer died or is still at work: its next run, or the broker in transaction.timeout.ms, ends the transaction")
    }
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

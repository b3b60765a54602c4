import Kafka

extension SinkTask {
  /// Rewinds: discards what is in flight, reads the stored offsets, and continues reading from there.
  func rewind() throws {
    try discardInFlight()
    guard let consumer else { return }
    let partitions = options.exitAtEnd ? endOffsets.keys.sorted() : consumer.assignment
    let stored = try withDatabase { try store.loadOffsets(partitions) }
    reconcileUnconfirmedCommits(stored)
    let wanted = Set(partitions)
    tracker.start(stored.filter { wanted.contains($0.partition) }, ends: options.exitAtEnd ? endOffsets : [:])
    isolationEnds = isolationEnds.filter { partition, until in
      tracker.partitions.contains { $0.partition == partition && ($0.stored ?? 0) < until }
    }
    skipExpiredOffsets()
    beginBatch()
    try assign(tracker.partitions, consumer)
  }

  /// Assigns partitions from their current positions. The start of a log is given as a number if it is known: with OFFSET_BEGINNING,
  /// librdkafka waits half a second for a leader that it does not know yet.
  func assign(_ partitions: [PartitionProgress], _ consumer: KafkaConsumer) throws {
    try consumer.assign(partitions.map { ($0.partition, $0.next ?? beginningOffsets[$0.partition]) })
  }

  /// Waits for the writer and discards the current batch, which is read again later.
  func discardInFlight() throws {
    if writer.isBusy {
      do { try awaitResult(wait: true) } catch is RecoveryAction {}
    }
    epoch += 1
    tracker.removeAll()
    batch.clear()
    batchStartedAt = nil
  }

  /// Determines from the stored offsets which of the asynchronous commits, and of the COMMITs whose response was lost, have taken effect.
  func reconcileUnconfirmedCommits(_ stored: [StoredOffset]) {
    for batch in undurableCommits {
      let isThere = batch.offsetCommits.allSatisfy { move in
        stored.contains { $0.partition == move.partition && ($0.next ?? -1) >= move.next }
      }
      guard isThere else { continue }
      if batch.isUnknown {
        durableTotals.confirmedLater += batch.counts.received
        log(.warning, "a COMMIT whose response was lost has succeeded: \(batch.counts.received) messages")
      } else {
        durableTotals += batch.counts
      }
    }
    undurableCommits = []
  }

  /// Skips offsets that retention has deleted: they are counted as lost, and reading continues from the beginning of the log.
  private func skipExpiredOffsets() {
    for (partition, lost) in tracker.skipExpired(beginnings: beginningOffsets) {
      batch.counts.expired += lost.count
      if reportedExpired.updateValue(lost.lowerBound, forKey: partition) == lost.lowerBound { continue }
      log(
        .warning,
        "topic \(options.topic), partition \(partition): \(lost.count) offsets from \(lost.lowerBound) on were deleted before they were read"
      )
    }
  }
}

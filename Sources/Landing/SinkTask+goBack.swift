import Kafka

extension SinkTask {
  /// Reads the stored offsets and reads on from there, whatever was in hand.
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

  /// Reads these partitions from where they stand. A log's start is named by its number where it is known: asked for it by its name,
  /// librdkafka waits half a second for a leader that it has not yet heard of.
  func assign(_ partitions: [PartitionProgress], _ consumer: KafkaConsumer) throws {
    try consumer.assign(partitions.map { ($0.partition, $0.next ?? beginningOffsets[$0.partition]) })
  }

  /// Waits for the writer and forgets what was typed: it is read again.
  func discardInFlight() throws {
    if writer.isBusy {
      do { try awaitResult(wait: true) } catch is RecoveryAction {}
    }
    epoch += 1
    tracker.removeAll()
    batch.clear()
    batchStartedAt = nil
  }

  /// Finds out which of the COMMITs that a crash could take back, or that gave no answer, are there.
  func reconcileUnconfirmedCommits(_ stored: [StoredOffset]) {
    for batch in undurableCommits {
      let isThere = batch.offsetCommits.allSatisfy { move in
        stored.contains { $0.partition == move.partition && ($0.next ?? -1) >= move.next }
      }
      guard isThere else { continue }
      if batch.isUnknown {
        durableTotals.confirmedLater += batch.counts.received
        log(.warning, "a COMMIT whose answer was lost turns out to have happened: \(batch.counts.received) messages")
      } else {
        durableTotals += batch.counts
      }
    }
    undurableCommits = []
  }

  /// Retention overtook this run: what lies below a log's beginning is lost, and reading goes on from there.
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

import Kafka

extension Landing {
  /// Reads the stored offsets and reads on from there, whatever was in hand.
  func goBack() throws {
    try dropWhatIsInHand()
    guard let consumer else { return }
    let partitions = options.exitAtEnd ? ends.keys.sorted() : consumer.owned
    let stored = try withDatabase { try store.offsets(partitions) }
    settle(stored)
    let wanted = Set(partitions)
    positions = stored.filter { wanted.contains($0.partition) }.map { row in
      Position(partition: row.partition, stored: row.next, end: options.exitAtEnd ? ends[row.partition] : nil)
    }
    carefulUntil = carefulUntil.filter { partition, until in
      positions.contains { $0.partition == partition && ($0.stored ?? 0) < until }
    }
    positions.removeAll { $0.isDone }
    positionIndex = 0
    passLost()
    beginBatch()
    try assign(positions, consumer)
  }

  /// Reads these partitions from where they stand. A log's start is named by its number where it is known: asked for it by its name,
  /// librdkafka waits half a second for a leader that it has not yet heard of.
  func assign(_ positions: [Position], _ consumer: KafkaConsumer) throws {
    try consumer.assign(positions.map { ($0.partition, $0.next ?? starts[$0.partition]) })
  }

  /// Waits for the writer and forgets what was typed: it is read again.
  func dropWhatIsInHand() throws {
    if writer.isBusy {
      do { try collect(wait: true) } catch is Detour {}
    }
    generation += 1
    positions = []
    batch.clear()
    batchSince = nil
  }

  /// Finds out which of the COMMITs that a crash could take back, or that gave no answer, are there.
  func settle(_ stored: [StoredOffset]) {
    for batch in pending {
      let isThere = batch.moves.allSatisfy { move in
        stored.contains { $0.partition == move.partition && ($0.next ?? -1) >= move.next }
      }
      guard isThere else { continue }
      if batch.isUnknown {
        settled.unknown += batch.counts.received
        log(.warning, "a COMMIT whose answer was lost turns out to have happened: \(batch.counts.received) messages")
      } else {
        settled += batch.counts
      }
    }
    pending = []
  }

  /// Retention overtook us: what lies below a log's start is lost, and reading goes on from there.
  private func passLost() {
    for index in positions.indices {
      let partition = positions[index].partition
      guard let next = positions[index].next, let start = starts[partition], next < start else { continue }
      positions[index].next = start
      batch.counts.lost += Int(start - next)
      if lostTold.updateValue(next, forKey: partition) == next { continue }
      log(
        .warning,
        "topic \(options.topic), partition \(partition): \(start - next) offsets from \(next) on were deleted before they were read")
    }
  }
}

import Kafka

extension SinkTask {
  /// Lands the current batch and makes all commits durable.
  ///
  /// - Returns: true when there is nothing more to do.
  /// - Throws: `RecoveryAction` if the stored offsets are not the expected ones; `SinkError.stopped` if a signal came before the end that
  ///   `--exit-at-end` asks for.
  func finish(_ consumer: KafkaConsumer, isStopped: Bool) throws -> Bool {
    var isDone = false
    do {
      if writer.isBusy { try awaitResult(wait: true) }
      if !batch.isEmpty || !tracker.offsetCommits.isEmpty {
        submitBatch(isLast: true)
        try awaitResult(wait: true)
      }
      if undurableCommits.contains(where: { !$0.isUnknown }) {
        commitDurably()
        if writer.isBusy { try awaitResult(wait: true) }
      }
      isDone = tracker.haveReachedTargets
    } catch let detour as RecoveryAction {
      guard isStopped else { throw detour }
      // The next run reads again what did not land. Commits with an unknown outcome are looked up, if the database still responds.
      if let stored = try? store.loadOffsets([]) { reconcileUnconfirmedCommits(stored) }
    }
    reportUnknownFields()
    reportProgress()
    consumer.commit(tracker.partitions.compactMap { progress in progress.stored.map { (progress.partition, $0) } }, milliseconds: 500)
    if isStopped, options.exitAtEnd, !isDone { throw SinkError.stopped }
    return true
  }

  /// Updates `progress` and passes it to `report`.
  func reportProgress() {
    lastReport = .now
    progress.summary = summary
    progress.lag = [:]
    for partition in tracker.partitions {
      guard let next = partition.next, let end = consumer?.lastHighWatermark(partition.partition) else { continue }
      progress.lag[partition.partition] = max(0, end - next)
    }
    if options.exitAtEnd {
      let total = endOffsets.reduce(0) { $0 + $1.value - (beginningOffsets[$1.key] ?? 0) }
      let left = tracker.partitions.reduce(0) { $0 + max(0, ($1.end ?? 0) - ($1.next ?? beginningOffsets[$1.partition] ?? 0)) }
      progress.fraction = total > 0 ? 1 - Double(left) / Double(total) : 1
    }
    report(progress)
  }

  /// Fields that the description does not declare are skipped. Each is logged once.
  func reportUnknownFields() {
    let names = recordMapper.unknownFields
    guard names.count > reportedUnknownFields else { return }
    let new = names[reportedUnknownFields...].joined(separator: ", ")
    reportedUnknownFields = names.count
    log(.warning, "skipping fields that are not in the description: \(new)")
  }
}

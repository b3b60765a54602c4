import Kafka

extension Landing {
  /// Lands what is in hand, for good.
  ///
  /// - Returns: true where there is nothing more to do; false if the stored offsets turned out to be elsewhere.
  /// - Throws: `LandingError.stopped` where a signal came before the end that `--exit-at-end` asks for.
  func finish(_ consumer: KafkaConsumer, isStopped: Bool) throws -> Bool {
    var isDone = false
    do {
      if writer.isBusy { try collect(wait: true) }
      if !batch.isEmpty || !tracker.moves.isEmpty {
        handOver(isLast: true)
        try collect(wait: true)
      }
      if pending.contains(where: { !$0.isUnknown }) {
        seal()
        if writer.isBusy { try collect(wait: true) }
      }
      isDone = tracker.haveReachedEnds
    } catch let detour as Detour {
      guard isStopped else { throw detour }
      // What did not land is read again by the next run; what may have landed is looked up, if the database still answers.
      if let stored = try? store.offsets([]) { settle(stored) }
    }
    tellUnknownFields()
    tell()
    consumer.commit(tracker.partitions.compactMap { progress in progress.stored.map { (progress.partition, $0) } }, milliseconds: 500)
    if isStopped, options.exitAtEnd, !isDone { throw LandingError.stopped }
    return true
  }

  /// Reports how far it is.
  func tell() {
    lastReport = .now
    progress.summary = summary
    progress.lag = [:]
    for partition in tracker.partitions {
      guard let next = partition.next, let end = consumer?.lastHighWatermark(partition.partition) else { continue }
      progress.lag[partition.partition] = max(0, end - next)
    }
    if options.exitAtEnd {
      let total = ends.reduce(0) { $0 + $1.value - (starts[$1.key] ?? 0) }
      let left = tracker.partitions.reduce(0) { $0 + max(0, ($1.end ?? 0) - ($1.next ?? starts[$1.partition] ?? 0)) }
      progress.fraction = total > 0 ? 1 - Double(left) / Double(total) : 1
    }
    report(progress)
  }

  /// Fields that the description does not know are passed over, and named once.
  func tellUnknownFields() {
    let names = typist.unknownFields
    guard names.count > unknownFieldsTold else { return }
    let new = names[unknownFieldsTold...].joined(separator: ", ")
    unknownFieldsTold = names.count
    log(.warning, "fields that the description does not know are passed over: \(new)")
  }
}

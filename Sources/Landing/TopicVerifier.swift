/// Checks whether a topic is still the one whose offsets are stored.
struct TopicVerifier {
  /// What was found.
  struct Result {
    let stored: [StoredOffset]
    let metadata: TopicMetadata
    /// The broker on which each partition's last message was found.
    var brokers: [Int32: Int32] = [:]
    /// Why the topic is not the one that was read; nil if it is.
    let mismatch: String?
  }

  let source: any TopicSource
  let options: SinkOptions
  let database: RetryingStore
  let log: SinkLog
  let isStopped: @Sendable () -> Bool

  /// - Parameter reader: the run's own, if it is open: an outage is logged once, by it.
  /// - Throws: `SinkError` if the topic does not exist or a signal comes, `TopicError` once no server has answered for `--retry-seconds`.
  func verify(reader: (any TopicReader)?) throws -> Result {
    let inspector = try source.openInspector(logsOutages: reader == nil)
    defer { inspector.close() }
    var result = try inspectOnce(inspector, reader)
    // A follower or another run may advance or reset the offsets between two requests, and a new leader may not know its end yet: a sign of
    // recreation counts only if a second look confirms it.
    while result.mismatch != nil {
      try pause(.milliseconds(500))
      let before = result
      result = try inspectOnce(inspector, reader)
      if (result.mismatch, result.stored) == (before.mismatch, before.stored) { break }
    }
    return result
  }

  /// Reads the stored offsets first and the topic afterwards: a follower that runs beside this run advances both, and in this order the
  /// log's ends are never below the stored offsets.
  private func inspectOnce(_ inspector: any TopicInspector, _ reader: (any TopicReader)?) throws -> Result {
    let start = ContinuousClock.now
    while true {
      let stored = try database.run { try $0.loadOffsets() }
      let metadata = try inspector.waitForTopic(options, reader: reader, log: log, isStopped: isStopped)
      do {
        if let mismatch = TopicIdentity.mismatch(stored, metadata) { return Result(stored: stored, metadata: metadata, mismatch: mismatch) }
        let rows = TopicIdentity.offsetsToVerify(stored, metadata)
        let found = rows.isEmpty ? [:] : try inspector.firstRecords(from: rows.map { ($0.partition, $0.last?.offset) })
        return Result(
          stored: stored, metadata: metadata, brokers: found.mapValues(\.broker),
          mismatch: try TopicIdentity.mismatch(rows, found: found, isCompacted: inspector.isCompacted))
      } catch let error as TopicError where error.kind == .unavailable {
        guard ContinuousClock.now - start < .seconds(options.retrySeconds) else { throw error }
        try pause(.milliseconds(100))
      }
    }
  }

  private func pause(_ duration: Duration) throws {
    if !sleep(duration, unless: isStopped) { throw SinkError.stopped }
  }
}

extension TopicInspector {
  /// Waits for the topic, for `--retry-seconds`.
  ///
  /// - Parameter reader: the run's own, if it is open: a request lets it notice the outage and the recovery.
  /// - Throws: `SinkError` if the topic does not exist or a signal comes, `TopicError` if no server answers.
  func waitForTopic(
    _ options: SinkOptions, reader: (any TopicReader)? = nil, log: SinkLog, isStopped: () -> Bool
  ) throws -> TopicMetadata {
    let start = ContinuousClock.now
    var isReported = false
    while true {
      do {
        let left = .seconds(options.retrySeconds) - (ContinuousClock.now - start)
        if let topic = try metadata(timeout: left) { return topic }
        if !isReported {
          isReported = true
          log(.warning, "topic \(options.topic) does not exist; trying for \(options.retrySeconds) s")
        }
      } catch {
        guard error.kind == .unavailable else { throw error }
        _ = try? reader?.topicExists(timeout: .milliseconds(200))
        if ContinuousClock.now - start >= .seconds(options.retrySeconds) { throw error }
      }
      guard ContinuousClock.now - start < .seconds(options.retrySeconds) else {
        throw SinkError(
          .unavailable, "topic \(options.topic) does not exist", hint: "publish to it first, or choose another topic with --topic")
      }
      if !sleep(.milliseconds(100), unless: isStopped) { throw SinkError.stopped }
    }
  }
}

/// Checks whether a topic is still the one whose offsets are stored (docs/delivery.md, point 6).
enum TopicIdentity {
  /// A sign in the metadata that the topic was recreated, as text for the log; otherwise nil.
  static func mismatch(_ stored: [StoredOffset], _ topic: TopicMetadata) -> String? {
    for row in stored {
      guard let next = row.next else { continue }
      if let was = row.cluster, let now = topic.cluster, was != now { return "it was read from cluster \(was), but this is cluster \(now)" }
      guard let marks = topic.partitions[row.partition] else { return "partition \(row.partition) is gone" }
      if marks.end < next { return "partition \(row.partition) ends at offset \(marks.end), but the next offset to read is \(next)" }
    }
    return nil
  }

  /// The stored last messages that must still exist. A message below the log's start proves nothing.
  static func offsetsToVerify(_ stored: [StoredOffset], _ topic: TopicMetadata) -> [StoredOffset] {
    stored.filter { row in
      guard row.next != nil, let last = row.last, let marks = topic.partitions[row.partition] else { return false }
      return last.offset >= marks.start && last.offset < marks.end
    }
  }

  /// A sign of recreation in the messages at the offsets of the last messages read; otherwise nil.
  ///
  /// - Parameters:
  ///   - found: by partition, the first message at or after the offset of the last message read; no entry if the log ended.
  ///   - isCompacted: whether the topic is compacted: then a missing message is not a sign.
  static func mismatch(_ stored: [StoredOffset], found: [Int32: RecordIdentity], isCompacted: () throws -> Bool) rethrows -> String? {
    for row in stored {
      guard let last = row.last else { continue }
      if let message = found[row.partition], message.offset == last.offset {
        if message.timestamp == last.timestamp { continue }
        return "the message at offset \(last.offset) of partition \(row.partition) is not the one that was read"
      }
      if try !isCompacted() { return "the message at offset \(last.offset) of partition \(row.partition) is gone" }
    }
    return nil
  }
}

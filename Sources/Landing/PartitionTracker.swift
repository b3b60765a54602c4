/// How far each partition has been read, and which offsets may be stored.
///
/// Its invariant (docs/landing.md): an offset advances only over messages that were accepted, gaps that were observed, and messages that
/// retention has deleted, never over a message that was discarded. Code outside this file cannot change a position, so the invariant cannot be bypassed. It is a pure value:
/// it takes the events of a poll and returns decisions.
struct PartitionTracker: Sendable {
  /// What to do with a message.
  enum Decision: Sendable, Equatable {
    /// Append it to the batch: the position is now after it.
    case accept
    /// Drop it: it was read before, it is at or beyond the target end, or its partition is not being read.
    case discard
    /// Drop it, and first check that the log is still the one that was read: the message comes from another broker, or a connection broke.
    case verifyTopic
  }

  private(set) var partitions: [PartitionProgress] = []
  /// On which broker a partition's log was verified.
  private enum VerifiedBroker: Equatable {
    case id(Int32)
    /// The one that its next message comes from.
    case next
  }
  /// A partition without an entry must be verified before its next message is accepted.
  private var verified: [Int32: VerifiedBroker] = [:]
  /// The positions stored when the log was verified, or by this run since: the last two, since the outcome of a COMMIT may be unknown.
  private var trustedPositions: [Int32: [VerifiedPosition]] = [:]

  private struct VerifiedPosition: Equatable {
    let next: Int64
    let last: OffsetCommit.LastRecord?
  }
  /// Index of the partition of the last message: consecutive messages are mostly of one partition.
  private var recent = 0
  /// Number of assigned partitions. Partitions that have reached their end are unassigned later.
  private var readCount = 0

  /// Starts reading partitions from their stored offsets. Offsets that another run stored must be verified: it may have read another log.
  ///
  /// - Parameter ends: the end offset to read to, by partition; empty for a follower. Partitions that have reached their end are left out.
  mutating func start(_ stored: [StoredOffset], ends: [Int32: Int64]) {
    partitions = stored.map { PartitionProgress(partition: $0.partition, stored: $0.next, end: ends[$0.partition]) }
    for row in stored {
      guard let now = row.next.map({ VerifiedPosition(next: $0, last: row.last) }), trustedPositions[row.partition]?.contains(now) != true
      else {
        continue
      }
      verified[row.partition] = nil
      trustedPositions[row.partition] = [now]
    }
    partitions.removeAll(where: \.hasReachedTarget)
    readCount = partitions.count
    recent = 0
  }

  /// Discards all positions; call `start` next.
  mutating func removeAll() { partitions = [] }

  mutating func handle(_ record: SinkRecord) -> Decision {
    handle(partition: record.partition, offset: record.offset, timestamp: record.timestamp, broker: record.broker)
  }

  mutating func handle(partition: Int32, offset: Int64, timestamp: Int64, broker: Int32) -> Decision {
    if recent >= partitions.count || partitions[recent].partition != partition {
      guard let index = partitions.firstIndex(where: { $0.partition == partition }) else { return .discard }
      recent = index
    }
    guard partitions[recent].admits(offset) else { return .discard }
    switch verified[partition] {
    case .next: verified[partition] = .id(broker)
    case .id(broker): break
    case .id, nil:
      verified[partition] = nil
      partitions[recent].markDiscarded()
      return .verifyTopic
    }
    partitions[recent].accept(offset, timestamp: timestamp)
    return .accept
  }

  /// Handles an end-of-partition event: everything readable below `offset` has been delivered.
  mutating func handleEnd(partition: Int32, offset: Int64) {
    guard let index = partitions.firstIndex(where: { $0.partition == partition }) else { return }
    partitions[index].observeEnd(offset)
  }

  /// Skips offsets below the beginning of a log, which retention has deleted.
  ///
  /// - Returns: the lost offsets of each affected partition.
  mutating func skipExpired(beginnings: [Int32: Int64]) -> [(partition: Int32, lost: Range<Int64>)] {
    partitions.indices.compactMap { index in
      guard let beginning = beginnings[partitions[index].partition], let lost = partitions[index].skip(to: beginning) else { return nil }
      return (partitions[index].partition, lost)
    }
  }

  /// The offsets to commit with a batch that holds everything accepted so far.
  var offsetCommits: [OffsetCommit] { partitions.compactMap(\.offsetCommit) }

  /// Records that the batch with `offsetCommits` was submitted; the next batch begins where it ends.
  mutating func markSubmitted() {
    for index in partitions.indices {
      if let commit = partitions[index].offsetCommit {
        let before = trustedPositions[commit.partition] ?? []
        trustedPositions[commit.partition] =
          before.suffix(1) + [VerifiedPosition(next: commit.next, last: commit.last ?? before.last?.last)]
      }
      partitions[index].markSubmitted()
    }
  }

  /// The offsets that are stored once the batches under way are committed.
  var submittedOffsets: [(partition: Int32, offset: Int64)] {
    partitions.compactMap { progress in progress.submitted.map { (progress.partition, $0) } }
  }

  // MARK: Ends

  /// Whether every partition has been read to the end that was fixed at the start.
  var haveReachedTargets: Bool { partitions.allSatisfy(\.hasReachedTarget) }

  /// Whether no partition has anything readable at present.
  var isIdle: Bool { partitions.allSatisfy { $0.isAtEnd || $0.hasReachedTarget } }

  /// Whether everything is read below the ends that the last responses reported.
  ///
  /// - Parameter end: the end of a partition's log as of the last response; nil if it is unknown.
  func isCaughtUp(_ end: (Int32) -> Int64?) -> Bool {
    partitions.allSatisfy { progress in
      progress.isAtEnd || progress.hasReachedTarget || end(progress.partition).map { (progress.next ?? 0) >= $0 } ?? false
    }
  }

  /// The partitions to keep assigned, when a partition delivers messages beyond its end while others are still being read; returned once.
  mutating func leaveEndedPartitions() -> [PartitionProgress]? {
    let open = partitions.filter { !$0.hasReachedTarget }
    guard !open.isEmpty, open.count < readCount, partitions.contains(where: \.hasDiscarded) else { return nil }
    readCount = open.count
    return open
  }

  /// Finds partitions whose readable end is below their target end: a transaction is open there. To be called regularly.
  ///
  /// - Returns: those that just stalled, and those that have been stalled since `limit` or longer.
  mutating func checkStalledPartitions(_ now: ContinuousClock.Instant, limit: Duration) -> (
    new: [PartitionProgress], expired: [PartitionProgress]
  ) {
    var (new, expired): ([PartitionProgress], [PartitionProgress]) = ([], [])
    for index in partitions.indices {
      switch partitions[index].stall(now) {
      case nil: break
      case .zero?: new.append(partitions[index])
      case let duration?: if duration >= limit { expired.append(partitions[index]) }
      }
    }
    return (new, expired)
  }

  // MARK: Verification

  /// Records that the log of these partitions is the one that was read before.
  ///
  /// - Parameters:
  ///   - stored: the offsets with which the log was compared.
  ///   - brokers: the broker that returned the last message read, by partition; without an entry the next message's broker is used.
  mutating func markVerified(_ partitions: [Int32], stored: [StoredOffset] = [], brokers: [Int32: Int32] = [:]) {
    for partition in partitions {
      verified[partition] = brokers[partition].map(VerifiedBroker.id) ?? .next
      trustedPositions[partition] = nil
    }
    for row in stored { trustedPositions[row.partition] = row.next.map { [VerifiedPosition(next: $0, last: row.last)] } }
  }

  /// Requires verification of all partitions: a connection to a broker broke, so the log may be another one.
  mutating func requireVerification() { verified = [:] }
}

/// How far one partition has been read. Only this file changes it.
struct PartitionProgress: Sendable, Equatable {
  let partition: Int32
  /// `--exit-at-end`: the high watermark at the start. Reading stops there.
  let end: Int64?
  /// The offset that is stored once the batches submitted so far have landed; nil: nothing was read yet.
  private(set) var submitted: Int64?
  /// The offset after everything that was accepted or observed to be a gap; nil: the beginning of the log.
  private(set) var next: Int64?
  /// Whether nothing is readable at present.
  private(set) var isAtEnd = false
  /// The last message accepted since the last batch was submitted.
  private var last: OffsetCommit.LastRecord?
  /// Whether messages from `next` on were discarded: then the partition's reported end must not advance the position past them.
  fileprivate private(set) var hasDiscarded = false
  /// Since when nothing has been readable although the end is not reached.
  private var stalledSince: ContinuousClock.Instant?

  init(partition: Int32, stored: Int64?, end: Int64?) {
    (self.partition, self.submitted, self.next, self.end) = (partition, stored, stored, end)
  }

  /// `--exit-at-end`: everything up to the end fixed at the start has been read.
  var hasReachedTarget: Bool {
    guard let end, let next else { return false }
    return next >= end
  }

  /// The offset change to store; nil if the position has not changed.
  var offsetCommit: OffsetCommit? {
    guard let next, next != submitted else { return nil }
    return OffsetCommit(partition: partition, expected: submitted, next: next, last: last)
  }

  /// Whether the message is to be read. One at or beyond the target end shows that nothing is left below it: the position moves to the end.
  fileprivate mutating func admits(_ offset: Int64) -> Bool {
    if let next, offset < next { return false }
    guard let end, offset >= end else { return true }
    next = max(next ?? 0, end)
    hasDiscarded = true
    return false
  }

  fileprivate mutating func accept(_ offset: Int64, timestamp: Int64) {
    next = offset &+ 1
    last = OffsetCommit.LastRecord(offset: offset, timestamp: timestamp)
    isAtEnd = false
  }

  /// Advances to the position of an end-of-partition event: only transaction markers, gaps and aborted messages are before it.
  fileprivate mutating func observeEnd(_ position: Int64) {
    guard !hasDiscarded else { return }
    next = max(next ?? 0, min(position, end ?? position))
    isAtEnd = true
  }

  fileprivate mutating func skip(to beginning: Int64) -> Range<Int64>? {
    guard let next, next < beginning else { return nil }
    self.next = beginning
    return next..<beginning
  }

  fileprivate mutating func markSubmitted() {
    submitted = next
    last = nil
  }

  fileprivate mutating func markDiscarded() { hasDiscarded = true }

  /// How long nothing has been readable below the end; zero when that begins, nil if there is nothing to wait for.
  fileprivate mutating func stall(_ now: ContinuousClock.Instant) -> Duration? {
    guard end != nil, isAtEnd, !hasReachedTarget else {
      stalledSince = nil
      return nil
    }
    guard let stalledSince else {
      stalledSince = now
      return .zero
    }
    return now - stalledSince
  }
}

/// The change of a partition's stored offset, made in the transaction that lands the records between the old and the new offset.
struct OffsetCommit: Sendable, Equatable {
  struct LastRecord: Sendable, Equatable {
    let offset: Int64
    /// Milliseconds since the Unix epoch, as delivered by librdkafka.
    let timestamp: Int64
  }

  let partition: Int32
  /// The offset that must be stored when the transaction runs; nil: nothing read yet.
  let expected: Int64?
  let next: Int64
  /// The last message read; nil if none was.
  let last: LastRecord?
}

/// A partition's row of netflix_offsets.
struct StoredOffset: Sendable, Equatable {
  let partition: Int32
  /// The next offset to read; nil: nothing read yet, start at the beginning of the log.
  let next: Int64?
  let cluster: String?
  let last: OffsetCommit.LastRecord?
}

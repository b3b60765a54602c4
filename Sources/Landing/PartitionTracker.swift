import Kafka

/// How far each partition was read, and which offsets may be stored.
///
/// The rule that it keeps (docs/landing.md): an offset advances only over messages that were accepted and over gaps that were observed, never
/// over a message that was discarded. Nothing outside this file can move a position, so the rule cannot be bypassed. It is a pure value: it
/// takes what the poll delivers and answers what to do with it.
struct PartitionTracker: Sendable {
  /// What to do with a message.
  enum Decision: Sendable, Equatable {
    /// Append it to the batch: the position is behind it now.
    case accept
    /// Drop it: it was read before, it lies at or beyond the end to read to, or its partition is not read.
    case discard
    /// Drop it, and check first whether the log is still the one that was read: it comes from another broker, or a connection broke.
    case verifyTopic
  }

  private(set) var partitions: [PartitionProgress] = []
  /// The broker that each partition's log was verified on; nil until its first message names it. A partition without an entry is to be
  /// verified before its next message is accepted.
  private var verified: [Int32: Int32?] = [:]
  /// What was stored when the log was verified, or by this run since: the last two, as the outcome of a COMMIT may be unknown.
  private var known: [Int32: [VerifiedPosition]] = [:]

  private struct VerifiedPosition: Equatable {
    let next: Int64
    let last: OffsetCommit.LastRecord?
  }
  /// Messages come in runs of one partition.
  private var recent = 0
  /// Partitions that are assigned: those that have reached their end are left sooner or later.
  private var readCount = 0

  /// Reads these partitions from their stored offsets. Offsets that another run stored are to be verified: it may have read another log.
  ///
  /// - Parameter ends: where to stop reading, by partition; empty for a follower. Partitions that have reached their end are left out.
  mutating func start(_ stored: [StoredOffset], ends: [Int32: Int64]) {
    partitions = stored.map { PartitionProgress(partition: $0.partition, stored: $0.next, end: ends[$0.partition]) }
    for row in stored {
      guard let now = row.next.map({ VerifiedPosition(next: $0, last: row.last) }), known[row.partition]?.contains(now) != true else {
        continue
      }
      verified[row.partition] = nil
      known[row.partition] = [now]
    }
    partitions.removeAll(where: \.hasReachedTarget)
    readCount = partitions.count
    recent = 0
  }

  /// Forgets how far partitions were read: `start` comes next.
  mutating func removeAll() { partitions = [] }

  mutating func handle(partition: Int32, offset: Int64, timestamp: Int64, broker: Int32) -> Decision {
    if recent >= partitions.count || partitions[recent].partition != partition {
      guard let index = partitions.firstIndex(where: { $0.partition == partition }) else { return .discard }
      recent = index
    }
    guard partitions[recent].isWanted(offset) else { return .discard }
    guard let source = verified[partition], source == nil || source == broker else {
      verified[partition] = nil
      partitions[recent].markDiscarded()
      return .verifyTopic
    }
    if source == nil { verified[partition] = .some(broker) }
    partitions[recent].accept(offset, timestamp: timestamp)
    return .accept
  }

  /// A partition's end was reported: everything readable below `offset` was delivered before.
  mutating func handleEnd(partition: Int32, offset: Int64) {
    guard let index = partitions.firstIndex(where: { $0.partition == partition }) else { return }
    partitions[index].observeEnd(offset)
  }

  /// Offsets below a log's beginning can no longer be read: reading goes on from there.
  ///
  /// - Returns: per partition the offsets that are lost.
  mutating func skipExpired(beginnings: [Int32: Int64]) -> [(partition: Int32, lost: Range<Int64>)] {
    partitions.indices.compactMap { index in
      guard let beginning = beginnings[partitions[index].partition], let lost = partitions[index].skip(to: beginning) else { return nil }
      return (partitions[index].partition, lost)
    }
  }

  /// What a batch that holds everything accepted so far has to store.
  var offsetCommits: [OffsetCommit] { partitions.compactMap(\.offsetCommit) }

  /// The batch with these moves is on its way; the next one begins where it ends.
  mutating func markFlushed() {
    for index in partitions.indices {
      if let move = partitions[index].offsetCommit {
        let before = known[move.partition] ?? []
        known[move.partition] = before.suffix(1) + [VerifiedPosition(next: move.next, last: move.last ?? before.last?.last)]
      }
      partitions[index].markFlushed()
    }
  }

  // MARK: Ends

  /// Every partition was read to the end that was fixed at the start.
  var haveReachedTargets: Bool { partitions.allSatisfy(\.hasReachedTarget) }

  /// Nothing more is readable now.
  var isIdle: Bool { partitions.allSatisfy { $0.isAtEnd || $0.hasReachedTarget } }

  /// The partitions to go on reading, once: when one of them delivers messages beyond its end while others are still read.
  mutating func leaveEndedPartitions() -> [PartitionProgress]? {
    let open = partitions.filter { !$0.hasReachedTarget }
    guard !open.isEmpty, open.count < readCount, partitions.contains(where: \.hasDiscarded) else { return nil }
    readCount = open.count
    return open
  }

  /// Partitions whose readable end lies below the end to reach: a transaction is open there. Called regularly.
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

  /// The log of these partitions was found to be the one that was read.
  ///
  /// - Parameters:
  ///   - stored: the offsets that it was compared with.
  ///   - brokers: where the last message read was found again, by partition; a partition without one takes the broker of its next message.
  mutating func markVerified(_ partitions: [Int32], stored: [StoredOffset] = [], brokers: [Int32: Int32] = [:]) {
    for partition in partitions { verified[partition] = .some(brokers[partition]) }
    for row in stored { known[row.partition] = row.next.map { [VerifiedPosition(next: $0, last: row.last)] } }
  }

  /// A connection to a broker broke: the log that comes next may be another one.
  mutating func requireVerification() { verified = [:] }
}

/// How far one partition is read. Only this file moves it.
struct PartitionProgress: Sendable, Equatable {
  let partition: Int32
  /// `--exit-at-end`: the high watermark at the start, which is read up to and not beyond.
  let end: Int64?
  /// What is stored once the batches that are under way have landed; nil: nothing was read yet.
  private(set) var stored: Int64?
  /// Behind everything that was accepted or observed to be a gap; nil: the log's beginning.
  private(set) var next: Int64?
  /// Nothing more is readable now.
  private(set) var isAtEnd = false
  /// The last message accepted since the last batch was handed over.
  private var last: OffsetCommit.LastRecord?
  /// Messages from `next` on were discarded: where the partition ends by now says nothing about them.
  fileprivate private(set) var hasDiscarded = false
  /// Since when nothing is readable although the end is not reached.
  private var stalledSince: ContinuousClock.Instant?

  init(partition: Int32, stored: Int64?, end: Int64?) {
    (self.partition, self.stored, self.next, self.end) = (partition, stored, stored, end)
  }

  /// `--exit-at-end`: all was read that was there at the start.
  var hasReachedTarget: Bool {
    guard let end, let next else { return false }
    return next >= end
  }

  /// The step to store, if there is one.
  var offsetCommit: OffsetCommit? {
    guard let next, next != stored else { return nil }
    return OffsetCommit(partition: partition, expected: stored, next: next, last: last)
  }

  /// Whether a message is one to accept. One at or beyond the end shows that nothing is left below it.
  fileprivate mutating func isWanted(_ offset: Int64) -> Bool {
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

  /// Transaction markers, gaps and aborted messages lie between the last message and the position that a partition's end is reported with.
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

  fileprivate mutating func markFlushed() {
    stored = next
    last = nil
  }

  fileprivate mutating func markDiscarded() { hasDiscarded = true }

  /// How long nothing was readable below the end; zero when that begins, nil where there is nothing to wait for.
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

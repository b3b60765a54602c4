/// Totals of what landed, and which commits a crash of the server could still undo.
///
/// While more messages are coming, COMMIT does not wait for the disk: a crash that undoes the rows undoes their offsets too. A COMMIT whose
/// response was lost may have happened or not. The stored offsets decide both, since rows and offsets are written in one transaction.
///
/// A pure value: `SinkTask` reports what happened and makes the commits that are asked for.
struct CommitTracker: Sendable {
  private struct Undurable {
    let offsetCommits: [OffsetCommit]
    let counts: SinkSummary
    /// The server responded to the COMMIT.
    let isConfirmed: Bool
  }

  /// A crash of the server undoes this much at most.
  private static let maxUndurableInterval = Duration.seconds(5)

  private var durableTotals = SinkSummary()
  private var undurable: [Undurable] = []
  private var lastDurable: ContinuousClock.Instant

  init(now: ContinuousClock.Instant = .now) { lastDurable = now }

  /// Everything whose COMMIT was confirmed, durable or not.
  var totals: SinkSummary {
    undurable.filter(\.isConfirmed).reduce(into: durableTotals) { $0 += $1.counts }
  }

  /// Whether a confirmed COMMIT did not wait for the disk and none after it did.
  var hasUndurable: Bool { undurable.contains(where: \.isConfirmed) }

  /// Whether the next COMMIT has to wait for the disk although more messages are coming.
  func isDurableCommitDue(at now: ContinuousClock.Instant) -> Bool { now - lastDurable >= Self.maxUndurableInterval }

  /// An offset commit that changes nothing. Its COMMIT waits for the disk, and so makes those before it durable; nil if there is nothing to commit.
  ///
  /// - Parameter partitions: the assigned ones. If none is left, any partition of an earlier commit serves.
  func durabilityCommit(_ partitions: [PartitionProgress]) -> OffsetCommit? {
    let own = partitions.lazy.compactMap { progress in progress.stored.map { (progress.partition, $0) } }.first
    let earlier = undurable.last?.offsetCommits.last.map { ($0.partition, $0.next) }
    return (own ?? earlier).map { OffsetCommit(partition: $0.0, expected: $0.1, next: $0.1, last: nil) }
  }

  /// The server confirmed a COMMIT.
  mutating func recordCommit(
    _ offsetCommits: [OffsetCommit], counts: SinkSummary, isDurable: Bool, at now: ContinuousClock.Instant = .now
  ) {
    undurable.append(Undurable(offsetCommits: offsetCommits, counts: counts, isConfirmed: true))
    guard isDurable else { return }
    durableTotals = totals
    undurable.removeAll(where: \.isConfirmed)
    lastDurable = now
  }

  /// The connection broke while a COMMIT was under way.
  mutating func recordUnknownCommit(_ offsetCommits: [OffsetCommit], counts: SinkSummary) {
    undurable.append(Undurable(offsetCommits: offsetCommits, counts: counts, isConfirmed: false))
  }

  /// Finds the commits that did happen. What did not happen is read again, and counted then.
  ///
  /// - Returns: the number of messages of commits that happened although their response was lost.
  mutating func reconcile(with stored: [StoredOffset]) -> Int {
    var confirmedLater = 0
    for commit in undurable {
      let happened = commit.offsetCommits.allSatisfy { offset in
        stored.contains { $0.partition == offset.partition && ($0.next ?? -1) >= offset.next }
      }
      guard happened else { continue }
      if commit.isConfirmed { durableTotals += commit.counts } else { confirmedLater += commit.counts.received }
    }
    undurable = []
    durableTotals.confirmedLater += confirmedLater
    return confirmedLater
  }
}

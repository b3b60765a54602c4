/// Totals of what landed, and which commits a crash of the server could still undo.
///
/// While more messages are coming, COMMIT does not wait for the disk: a crash that undoes the rows undoes their offsets too. A COMMIT whose
/// response was lost may have happened or not. The stored offsets decide both, since rows and offsets are written in one transaction.
///
/// A pure value: `BatchPipeline` reports what happened and makes the commits that are asked for.
struct CommitTracker: Sendable {
  private struct Undurable {
    enum Outcome {
      /// The server responded to the COMMIT.
      case confirmed
      /// The connection broke before it did.
      case unknown
      /// The stored offsets show that it happened, although its response was lost.
      case confirmedLater
    }

    let offsetCommits: [OffsetCommit]
    let counts: SinkSummary
    var outcome: Outcome

    func add(to totals: inout SinkSummary) {
      switch outcome {
      case .confirmed: totals += counts
      case .confirmedLater:
        // Whether its rows were inserted or replaced others is unknown. What was decided before the COMMIT is not: it decides the exit code.
        totals.received += counts.rejected
        totals.rejected += counts.rejected
        totals.expired += counts.expired
        totals.confirmedLater += counts.received - counts.rejected
      case .unknown: break
      }
    }
  }

  /// A crash of the server undoes this much at most.
  private static let maxUndurableInterval = Duration.seconds(5)

  private var durableTotals = SinkSummary()
  private var undurable: [Undurable] = []
  private var lastDurable: ContinuousClock.Instant

  init(now: ContinuousClock.Instant = .now) { lastDurable = now }

  /// Everything that was committed, durable or not.
  var totals: SinkSummary { undurable.reduce(into: durableTotals) { $1.add(to: &$0) } }

  /// Whether there are commits that did not wait for the disk, and none after them did.
  var hasUndurable: Bool { undurable.contains { $0.outcome != .unknown } }

  /// Whether the next COMMIT has to wait for the disk although more messages are coming.
  func isDurableCommitDue(at now: ContinuousClock.Instant) -> Bool { now - lastDurable >= Self.maxUndurableInterval }

  /// An offset commit that changes nothing. Its COMMIT waits for the disk, and so makes those before it durable; nil if there is nothing to commit.
  ///
  /// - Parameter partitions: the assigned ones. If none is left, any partition of an earlier commit serves.
  func durabilityCommit(_ partitions: [PartitionProgress]) -> OffsetCommit? {
    let own = partitions.lazy.compactMap { progress in progress.submitted.map { (progress.partition, $0) } }.first
    let earlier = undurable.last?.offsetCommits.last.map { ($0.partition, $0.next) }
    return (own ?? earlier).map { OffsetCommit(partition: $0.0, expected: $0.1, next: $0.1, last: nil) }
  }

  /// The server confirmed a COMMIT.
  mutating func recordCommit(
    _ offsetCommits: [OffsetCommit], counts: SinkSummary, isDurable: Bool, at now: ContinuousClock.Instant = .now
  ) {
    undurable.append(Undurable(offsetCommits: offsetCommits, counts: counts, outcome: .confirmed))
    guard isDurable else { return }
    // The server writes its log in order: this COMMIT made those before it durable.
    durableTotals = totals
    undurable.removeAll { $0.outcome != .unknown }
    lastDurable = now
  }

  /// The connection broke while a COMMIT was under way.
  mutating func recordUnknownCommit(_ offsetCommits: [OffsetCommit], counts: SinkSummary) {
    undurable.append(Undurable(offsetCommits: offsetCommits, counts: counts, outcome: .unknown))
  }

  /// The stored offsets were read again: keeps the commits that they contain. What did not happen, or was undone by a crash, is read again and
  /// counted then. A commit that is there need not be durable: a later crash can still undo it.
  ///
  /// - Returns: the number of messages of commits that happened although their response was lost.
  mutating func reconcile(with stored: [StoredOffset]) -> Int {
    undurable.removeAll { commit in
      !commit.offsetCommits.allSatisfy { offset in
        stored.contains { $0.partition == offset.partition && ($0.next ?? -1) >= offset.next }
      }
    }
    var confirmedLater = 0
    for index in undurable.indices where undurable[index].outcome == .unknown {
      undurable[index].outcome = .confirmedLater
      confirmedLater += undurable[index].counts.received
    }
    return confirmedLater
  }
}

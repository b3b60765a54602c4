import TestSupport
import Testing

@testable import Landing

@Suite struct CommitTrackerTests {
  private let start = ContinuousClock.now

  private func counts(_ received: Int) -> SinkSummary {
    var counts = SinkSummary()
    (counts.received, counts.landed) = (received, received)
    return counts
  }

  private func commit(_ expected: Int64?, _ next: Int64, partition: Int32 = 0) -> OffsetCommit {
    OffsetCommit(partition: partition, expected: expected, next: next, last: nil)
  }

  private func stored(_ next: Int64?, partition: Int32 = 0) -> StoredOffset {
    StoredOffset(partition: partition, next: next, cluster: nil, last: nil)
  }

  @Test func `totals count confirmed commits, durable or not`() {
    var tracker = CommitTracker(now: start)
    tracker.recordCommit([commit(nil, 10)], counts: counts(10), isDurable: false, at: start)
    #expect(tracker.totals.landed == 10 && tracker.hasUndurable)
    tracker.recordCommit([commit(10, 15)], counts: counts(5), isDurable: true, at: start)
    #expect(tracker.totals.landed == 15 && !tracker.hasUndurable)
  }

  @Test func `a durable commit is due five seconds after the last one`() {
    var tracker = CommitTracker(now: start)
    #expect(!tracker.isDurableCommitDue(at: start + .seconds(4.9)) && tracker.isDurableCommitDue(at: start + .seconds(5)))
    tracker.recordCommit([commit(nil, 1)], counts: counts(1), isDurable: false, at: start + .seconds(4))
    #expect(tracker.isDurableCommitDue(at: start + .seconds(5)))
    tracker.recordCommit([commit(1, 2)], counts: counts(1), isDurable: true, at: start + .seconds(5))
    #expect(!tracker.isDurableCommitDue(at: start + .seconds(9)))
  }

  @Test func `a crash that undoes a commit undoes its counts`() {
    var tracker = CommitTracker(now: start)
    tracker.recordCommit([commit(nil, 10)], counts: counts(10), isDurable: true, at: start)
    tracker.recordCommit([commit(10, 20)], counts: counts(10), isDurable: false, at: start)
    tracker.recordCommit([commit(20, 30)], counts: counts(10), isDurable: false, at: start)
    #expect(tracker.reconcile(with: [stored(20)]) == 0)
    #expect(tracker.totals.landed == 20)
  }

  @Test func `a commit that is there after a rewind can still be undone by a crash`() {
    var tracker = CommitTracker(now: start)
    tracker.recordCommit([commit(nil, 10)], counts: counts(10), isDurable: false, at: start)
    #expect(tracker.reconcile(with: [stored(10)]) == 0)
    #expect(tracker.totals.landed == 10 && tracker.hasUndurable)
    #expect(tracker.reconcile(with: [stored(nil)]) == 0)
    #expect(tracker.totals == SinkSummary())
  }

  @Test func `a commit whose response was lost counts apart if it happened, and not at all if it did not`() {
    for (next, confirmedLater) in [(Int64(20), 10), (10, 0)] {
      var tracker = CommitTracker(now: start)
      tracker.recordCommit([commit(nil, 10)], counts: counts(10), isDurable: true, at: start)
      tracker.recordUnknownCommit([commit(10, 20)], counts: counts(10))
      #expect(tracker.totals.landed == 10 && !tracker.hasUndurable)
      #expect(tracker.reconcile(with: [stored(next)]) == confirmedLater)
      #expect(tracker.totals.landed == 10 && tracker.totals.confirmedLater == confirmedLater)
    }
  }

  @Test func `rejected records and expired offsets of a commit whose response was lost decide the exit code`() {
    var counts = counts(10)
    (counts.landed, counts.rejected, counts.expired) = (7, 3, 5)
    var tracker = CommitTracker(now: start)
    tracker.recordUnknownCommit([commit(nil, 15)], counts: counts)
    #expect(tracker.totals == SinkSummary())
    #expect(tracker.reconcile(with: [stored(15)]) == 10)
    var totals = SinkSummary()
    (totals.received, totals.rejected, totals.expired, totals.confirmedLater) = (3, 3, 5, 7)
    #expect(tracker.totals == totals)
  }

  @Test func `a commit of several partitions happened only if the offsets of all of them are stored`() {
    var tracker = CommitTracker(now: start)
    tracker.recordUnknownCommit([commit(nil, 5), commit(nil, 7, partition: 1)], counts: counts(12))
    #expect(tracker.reconcile(with: [stored(5), stored(6, partition: 1)]) == 0)
    tracker.recordUnknownCommit([commit(nil, 5), commit(nil, 7, partition: 1)], counts: counts(12))
    #expect(tracker.reconcile(with: [stored(5), stored(8, partition: 1)]) == 12)
  }

  @Test func `the commit that makes earlier ones durable changes no offset`() {
    var tracker = CommitTracker(now: start)
    #expect(tracker.durabilityCommit([]) == nil)
    #expect(
      tracker.durabilityCommit([PartitionProgress(partition: 3, stored: 8, end: nil)])
        == OffsetCommit(partition: 3, expected: 8, next: 8, last: nil))
    tracker.recordCommit([commit(nil, 10, partition: 2)], counts: counts(10), isDurable: false, at: start)
    #expect(tracker.durabilityCommit([]) == OffsetCommit(partition: 2, expected: 10, next: 10, last: nil), "the group took every partition")
  }

  /// A model of the server: commits that wait for the disk survive a crash together with all before them; of the others a crash keeps a prefix.
  @Test(arguments: [0, 1, 2, 3]) func `totals are what the server has, over random commits, lost responses and crashes`(_ round: UInt64) {
    let seed = UInt64.random(in: 0...UInt64.max) &+ round
    var random = Seeded(state: seed)
    for run in 0..<500 {
      var tracker = CommitTracker(now: start)
      // Offsets that the server has; those up to `durable` survive a crash.
      var (server, durable, position) = (Int64(0), Int64(0), Int64(0))
      for _ in 0..<Int.random(in: 1...40, using: &random) {
        let size = Int64.random(in: 1...9, using: &random)
        let next = commit(position, position + size)
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<6:
          let isDurable = Bool.random(using: &random)
          server = position + size
          if isDurable { durable = server }
          position = server
          tracker.recordCommit([next], counts: counts(Int(size)), isDurable: isDurable, at: start)
        case 6, 7:
          // The connection breaks, and with it the response is lost: the COMMIT happened or not.
          if Bool.random(using: &random) { server = position + size }
          tracker.recordUnknownCommit([next], counts: counts(Int(size)))
          _ = tracker.reconcile(with: [stored(server)])
          position = server
        case 8:
          // A rebalance, or a check of the topic: the offsets are read again.
          #expect(tracker.reconcile(with: [stored(server)]) == 0)
        default:
          // A crash undoes what did not wait for the disk, unless it was written in time.
          if Bool.random(using: &random) { server = durable }
          _ = tracker.reconcile(with: [stored(server)])
          (position, durable) = (server, server)
        }
        let counted = tracker.totals.received + tracker.totals.confirmedLater
        #expect(Int64(counted) == position, "seed \(seed), run \(run)")
        guard counted == Int(position) else { return }
      }
    }
  }
}

import Testing

@testable import Landing

@Suite struct TopicIdentityTests {
  private let topic = TopicMetadata(
    cluster: "A", partitions: [0: .init(start: 10, end: 20), 1: .init(start: 0, end: 0)])

  private func stored(_ partition: Int32, next: Int64?, cluster: String? = "A", last: Int64? = nil) -> StoredOffset {
    StoredOffset(partition: partition, next: next, cluster: cluster, last: last.map { OffsetCommit.LastRecord(offset: $0, timestamp: 7) })
  }

  private func found(_ offset: Int64, _ timestamp: Int64) -> [Int32: RecordIdentity] {
    [0: RecordIdentity(offset: offset, timestamp: timestamp, broker: 1)]
  }

  @Test func `a topic read to its end, or not at all, shows no sign of recreation`() {
    #expect(TopicIdentity.mismatch([stored(0, next: 20, last: 19), stored(1, next: 0), stored(7, next: nil)], topic) == nil)
  }

  @Test func `another cluster, a lower end and a missing partition are signs of recreation`() {
    #expect(TopicIdentity.mismatch([stored(0, next: 15, cluster: "B")], topic) == "it was read from cluster B, but this is cluster A")
    #expect(TopicIdentity.mismatch([stored(0, next: 21)], topic) == "partition 0 ends at offset 20, but the next offset to read is 21")
    #expect(TopicIdentity.mismatch([stored(2, next: 0)], topic) == "partition 2 is gone")
  }

  @Test func `the last message read is verified unless retention deleted it`() {
    let below = stored(0, next: 10, last: 9)
    let there = stored(0, next: 12, last: 11)
    #expect(TopicIdentity.offsetsToVerify([below, there, stored(1, next: 0)], topic) == [there])
  }

  @Test func `the same message at its offset is not a sign of recreation, another one or none is`() {
    let rows = [stored(0, next: 12, last: 11)]
    #expect(TopicIdentity.mismatch(rows, found: found(11, 7), isCompacted: { false }) == nil)
    #expect(
      TopicIdentity.mismatch(rows, found: found(11, 8), isCompacted: { true })
        == "the message at offset 11 of partition 0 is not the one that was read")
    #expect(TopicIdentity.mismatch(rows, found: found(12, 7), isCompacted: { false }) == "the message at offset 11 of partition 0 is gone")
    #expect(TopicIdentity.mismatch(rows, found: [:], isCompacted: { false }) == "the message at offset 11 of partition 0 is gone")
    #expect(TopicIdentity.mismatch(rows, found: found(12, 7), isCompacted: { true }) == nil)
  }
}

import Kafka
import Testing

@testable import Landing

@Suite struct TopicIdentityTests {
  private let topic = TopicMetadata(
    cluster: "A", partitions: [0: KafkaWatermarks(start: 10, end: 20), 1: KafkaWatermarks(start: 0, end: 0)])

  private func stored(_ partition: Int32, next: Int64?, cluster: String? = "A", last: Int64? = nil) -> StoredOffset {
    StoredOffset(partition: partition, next: next, cluster: cluster, last: last.map { OffsetCommit.LastRecord(offset: $0, timestamp: 7) })
  }

  private func found(_ offset: Int64, _ timestamp: Int64) -> [Int32: TopicIdentity.FoundRecord] { [0: (offset, timestamp, 1)] }

  @Test func `a topic read to its end, or not at all, shows no sign`() {
    #expect(TopicIdentity.mismatch([stored(0, next: 20, last: 19), stored(1, next: 0), stored(7, next: nil)], topic) == nil)
  }

  @Test func `another cluster, an end that went back and a partition that is gone are signs`() {
    #expect(TopicIdentity.mismatch([stored(0, next: 15, cluster: "B")], topic) == "it was read from cluster B, and this is A")
    #expect(TopicIdentity.mismatch([stored(0, next: 21)], topic) == "partition 0 ends at offset 20, and 21 was read already")
    #expect(TopicIdentity.mismatch([stored(2, next: 0)], topic) == "partition 2 is gone")
  }

  @Test func `the last message is looked for unless retention took it`() {
    let below = stored(0, next: 10, last: 9)
    let there = stored(0, next: 12, last: 11)
    #expect(TopicIdentity.offsetsToVerify([below, there, stored(1, next: 0)], topic) == [there])
  }

  @Test func `the same message at the same place is no sign, another or none is one`() {
    let rows = [stored(0, next: 12, last: 11)]
    #expect(TopicIdentity.mismatch(rows, found: found(11, 7), isCompacted: { false }) == nil)
    #expect(
      TopicIdentity.mismatch(rows, found: found(11, 8), isCompacted: { true })
        == "the message at offset 11 of partition 0 is another one than was read")
    #expect(TopicIdentity.mismatch(rows, found: found(12, 7), isCompacted: { false }) == "the message at offset 11 of partition 0 is gone")
    #expect(TopicIdentity.mismatch(rows, found: [:], isCompacted: { false }) == "the message at offset 11 of partition 0 is gone")
    #expect(TopicIdentity.mismatch(rows, found: found(12, 7), isCompacted: { true }) == nil)
  }
}

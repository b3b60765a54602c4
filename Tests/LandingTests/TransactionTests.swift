import Kafka
import TestSupport
import Testing

@testable import Landing

/// docs/delivery.md, points 4 and 8: markers, aborted rows and open transactions.
@Suite(.requiresRealBroker) struct TransactionTests {
  @Test func `the stored offset passes markers and aborted rows at the end of a partition`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTopic()
      let good = try pipeline.beginTransaction(pipeline.topic, ids: 0..<21)
      try good.commitTransaction()
      good.close()
      let bad = try pipeline.beginTransaction(pipeline.topic, ids: 50..<60)
      try bad.abortTransaction()
      bad.close()
      #expect(try pipeline.land().counts == pipeline.summary(received: 21))
      // 21 rows, a marker, 10 aborted rows, a marker.
      #expect(try pipeline.query("SELECT next_offset, kafka_offset FROM netflix_offsets") == [["33", "20"]])
      #expect(try pipeline.land().received == 0)
    }
  }

  @Test func `a partition with only an aborted transaction reaches its end as well`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTopic()
      let bad = try pipeline.beginTransaction(pipeline.topic, ids: 0..<3)
      try bad.abortTransaction()
      bad.close()
      // The coordinator answers before it has written the marker to the partition.
      let reader = try KafkaConsumer.open(pipeline.configuration, topic: pipeline.topic, group: "reader", isolation: .readUncommitted)
      defer { reader.close() }
      try wait(until: "the marker is written") { try reader.watermarks(of: [0], timeout: .seconds(10))[0]?.end == 4 }
      #expect(try pipeline.land().counts == SinkSummary())
      #expect(try pipeline.query("SELECT next_offset, kafka_offset FROM netflix_offsets") == [["4", nil]])
    }
  }

  @Test func `a run waits for an open transaction before committed rows, and its rows land if it commits`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTopic()
      let open = try pipeline.beginTransaction(pipeline.topic, ids: 0..<3)
      defer { open.close() }
      try pipeline.publish(ids: 10..<12)
      let landing = BackgroundLanding(pipeline)
      try wait(until: "it waits") { pipeline.output.contains("waiting for an open transaction at offset 0 of partition 0") }
      #expect(landing.isRunning)
      try open.commitTransaction()
      #expect(try landing.wait().received == 5)
    }
  }

  /// docs/delivery.md, point 8: the end is fixed at the start, also while the run waits for another partition.
  @Test func `messages that arrive after a partition was read to its end are left to the next run`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTopic(partitions: 2)
      try pipeline.publish(ids: 0..<3)
      let open = try pipeline.beginTransaction(pipeline.topic, ids: 100..<101, partition: 1)
      defer { open.close() }
      let landing = BackgroundLanding(pipeline)
      try wait(until: "it waits") { pipeline.output.contains("waiting for an open transaction at offset 0 of partition 1") }
      try pipeline.publish(ids: 3..<6)
      // The messages have arrived and must not be read; otherwise they would be in the table.
      try wait(until: "the messages have arrived") { try landing.progress.lag[0] == 3 || pipeline.count() > 3 }
      try open.commitTransaction()
      #expect(try landing.wait().received == 4)
      #expect(try pipeline.land().received == 3)
    }
  }

  @Test func `the open transaction of a crashed producer hides rows until it is aborted, and not permanently`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTopic()
      let dead = try pipeline.beginTransaction(pipeline.topic, ids: 0..<3)
      try pipeline.publish(ids: 10..<12)
      let landing = BackgroundLanding(pipeline)
      try wait(until: "it waits") { pipeline.output.contains("waiting for an open transaction") }
      // The next run with its id fences it.
      let next = try KafkaProducer.open(pipeline.configuration, topic: pipeline.topic, transactionalID: pipeline.topic)
      defer { next.close() }
      try next.initTransactions()
      dead.close()
      #expect(try landing.wait().received == 2)
      #expect(try pipeline.query("SELECT id FROM sample ORDER BY id") == [["10"], ["11"]])
    }
  }

  /// The longer of `--retry-seconds` and the time in which the broker ends the transaction of a crashed producer.
  @Test(arguments: [(1, 2), (2, 1)])
  func `a transaction that stays open ends the run with an error`(retry: Int, transaction: Int) throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTopic()
      let open = try pipeline.beginTransaction(pipeline.topic, ids: 0..<3)
      defer { open.close() }
      let error = #expect(throws: SinkError.self) {
        try pipeline.land {
          $0.retrySeconds = retry
          $0.openTransactionTimeoutSeconds = transaction
        }
      }
      #expect(error?.kind == .unavailable)
      #expect(error?.message.contains("a transaction has been open at offset 0 for 2 s") == true)
      try open.abortTransaction()
    }
  }
}

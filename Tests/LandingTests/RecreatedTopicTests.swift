import Kafka
import TestSupport
import Testing

@testable import Landing

/// docs/delivery.md, points 5 and 6: changes of a topic between two runs.
@Suite(.requiresRealBroker) struct RecreatedTopicTests {
  /// Deletes and recreates the topic, and publishes `name` for each id.
  private func remake(_ pipeline: PipelineFixture, ids: Range<Int>, name: String, partitions: Int32 = 1) throws {
    try pipeline.deleteTopic()
    try pipeline.makeTopic(partitions: partitions)
    try pipeline.publish(ids: ids, name: name)
  }

  private func first(_ pipeline: PipelineFixture, partitions: Int32 = 1) throws {
    try pipeline.makeTopic(partitions: partitions)
    try pipeline.publish(ids: 0..<10, name: "old")
    #expect(try pipeline.land().received == 10)
  }

  @Test(arguments: [5, 10, 15])
  func `a recreated topic with fewer, as many or more rows lands completely`(rows: Int) throws {
    try PipelineFixture.on { pipeline in
      try first(pipeline)
      // Other groups are not affected.
      try pipeline.execute("INSERT INTO netflix_offsets VALUES ('sample', 'other', 't', 0, 5)")
      try remake(pipeline, ids: 0..<rows, name: "new")
      #expect(try pipeline.land().counts == pipeline.summary(received: rows))
      #expect(pipeline.output.contains("topic \(pipeline.topic) was recreated, or an unclean leader election truncated its log"))
      #expect(try pipeline.value("SELECT count(*) FROM sample WHERE name = 'new'") == "\(rows)")
      #expect(try pipeline.value("SELECT next_offset FROM netflix_offsets WHERE consumer_group = 'other'") == "5")
      #expect(try pipeline.land().received == 0)
    }
  }

  @Test func `a follower detects a recreated topic at its start, too`() throws {
    try PipelineFixture.on { pipeline in
      try first(pipeline)
      try remake(pipeline, ids: 0..<10, name: "new")
      let follower = BackgroundLanding(pipeline) { $0.exitAtEnd = false }
      try wait(until: "the new rows are there") { try pipeline.value("SELECT count(*) FROM sample WHERE name = 'new'") == "10" }
      follower.stop()
      #expect(try follower.wait().landed == 10)
    }
  }

  @Test func `a missing partition is a sign of recreation`() throws {
    try PipelineFixture.on { pipeline in
      try first(pipeline, partitions: 2)
      try pipeline.execute("UPDATE netflix_offsets SET kafka_offset = NULL, last_timestamp = NULL")
      try remake(pipeline, ids: 0..<20, name: "new")
      #expect(try pipeline.land().received == 20)
      #expect(pipeline.output.contains("partition 1 is gone"))
      #expect(try pipeline.land().received == 0)
    }
  }

  @Test func `another cluster id is a sign of recreation`() throws {
    try PipelineFixture.on { pipeline in
      try first(pipeline)
      try pipeline.execute("UPDATE netflix_offsets SET cluster_id = 'another'")
      #expect(try pipeline.land().received == 10)
      #expect(pipeline.output.contains("it was read from cluster another"))
    }
  }

  @Test func `without a key a recreated topic is 78 with the remedy, and no row is duplicated`() throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      try first(pipeline)
      try remake(pipeline, ids: 0..<10, name: "new")
      let error = #expect(throws: SinkError.self) { try pipeline.land() }
      #expect(error?.kind == .configuration)
      #expect(error?.hint?.contains("--exit-at-end --from-beginning --replace") == true)
      #expect(try pipeline.value("SELECT count(*) FROM sample WHERE name = 'old'") == "10")
      #expect(
        try pipeline.land {
          $0.fromBeginning = true
          $0.replace = true
        }.landed == 10)
      #expect(try pipeline.query("SELECT DISTINCT name FROM sample") == [["new"]])
    }
  }

  @Test func `the rejects of the deleted topic are deleted with its offsets`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTopic()
      try pipeline.publish(["rubbish"])
      try pipeline.land()
      try remake(pipeline, ids: 0..<2, name: "new")
      try pipeline.land()
      #expect(try pipeline.count("netflix_rejected") == 0)
    }
  }

  @Test func `a message that compaction removed is not a sign of recreation`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTopic(configuration: ["cleanup.policy": "compact"])
      try pipeline.publish(ids: 0..<3)
      try pipeline.land()
      // The same as if compaction had removed offset 2: the message stored as the last one is missing.
      let skipped = try pipeline.beginTransaction(pipeline.topic, ids: 3..<4)
      try skipped.commitTransaction()
      skipped.close()
      try pipeline.execute("UPDATE netflix_offsets SET next_offset = 5, kafka_offset = 4, last_timestamp = 1")
      try pipeline.publish(ids: 4..<5)
      #expect(try pipeline.land().received == 1)
      #expect(!pipeline.output.contains("was recreated"))
    }
  }

  @Test func `a marker at the offset of the last message is a sign of recreation unless the topic is compacted`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTopic()
      let transaction = try pipeline.beginTransaction(pipeline.topic, ids: 0..<3)
      try transaction.commitTransaction()
      transaction.close()
      try pipeline.land()
      try pipeline.execute("UPDATE netflix_offsets SET kafka_offset = 3")
      #expect(try pipeline.land().received == 3)
      #expect(pipeline.output.contains("the message at offset 3 of partition 0 is gone"))
    }
  }

  /// docs/delivery.md, point 5.
  @Test func `offsets that retention deleted before they were read are counted as lost`() throws {
    try PipelineFixture.on { pipeline in
      try first(pipeline)
      try pipeline.publish(ids: 10..<20)
      let admin = try KafkaAdmin.open(pipeline.configuration)
      defer { admin.close() }
      try admin.deleteRecords(of: pipeline.topic, partition: 0, below: 15)
      var expected = pipeline.summary(received: 5)
      expected.expired = 5
      #expect(try pipeline.land().counts == expected)
      #expect(pipeline.output.contains("partition 0: retention deleted 5 offsets from 10 on before reading"))
      #expect(try pipeline.land().counts == SinkSummary())
    }
  }

  @Test func `retention below the stored offset loses nothing and is not a sign of recreation`() throws {
    try PipelineFixture.on { pipeline in
      try first(pipeline)
      let admin = try KafkaAdmin.open(pipeline.configuration)
      defer { admin.close() }
      try admin.deleteRecords(of: pipeline.topic, partition: 0, below: 10)
      try pipeline.publish(ids: 10..<12)
      #expect(try pipeline.land().counts == pipeline.summary(received: 2))
    }
  }

  @Test func `a new group reads from the start of the log, even if that is not offset 0`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTopic()
      try pipeline.publish(ids: 0..<10)
      let admin = try KafkaAdmin.open(pipeline.configuration)
      defer { admin.close() }
      try admin.deleteRecords(of: pipeline.topic, partition: 0, below: 4)
      #expect(try pipeline.land().counts == pipeline.summary(received: 6))
    }
  }

  /// Retention overtakes a running follower that waits for Postgres.
  @Test func `a follower that retention overtakes continues from the start of the log`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTopic()
      try pipeline.publish(ids: 0..<2)
      let follower = BackgroundLanding(pipeline) { $0.exitAtEnd = false }
      try wait(until: "the first rows are there") {
        try pipeline.value("SELECT to_regclass('sample')") != nil && (try pipeline.count()) == 2
      }
      // The test resets the stored offset and deletes the records there: the next offset commit fails, and the rewind is out of range.
      try pipeline.publish(ids: 2..<8)
      try wait(until: "the next rows are there") { try pipeline.count() == 8 }
      let admin = try KafkaAdmin.open(pipeline.configuration)
      defer { admin.close() }
      try admin.deleteRecords(of: pipeline.topic, partition: 0, below: 6)
      try pipeline.execute("UPDATE netflix_offsets SET next_offset = 3")
      try pipeline.publish(ids: 20..<21)
      try wait(until: "the follower has continued") { try pipeline.value("SELECT count(*) FROM sample WHERE id = 20") == "1" }
      follower.stop()
      #expect(try follower.wait().expired == 3)
    }
  }
}

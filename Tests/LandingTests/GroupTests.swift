import Kafka
import TestSupport
import Testing

@testable import Landing

/// docs/delivery.md, point 9: followers share partitions, and a rebalance neither loses nor duplicates messages.
@Suite(.requiresRealBroker) struct GroupTests {
  private func follow(_ pipeline: PipelineFixture, instanceID: String? = nil) -> BackgroundLanding {
    BackgroundLanding(pipeline) {
      $0.instanceID = instanceID
      $0.exitAtEnd = false
      $0.batchSeconds = 0.05
      $0.batchRows = 100
    }
  }

  private func publishEverywhere(_ pipeline: PipelineFixture, _ ids: Range<Int>, partitions: Int = 4) throws {
    for partition in 0..<partitions {
      try pipeline.publish(ids.filter { $0 % partitions == partition }.map { Sample.message($0) }, partition: Int32(partition))
    }
  }

  private func isWhole(_ pipeline: PipelineFixture, _ rows: Int) throws -> Bool {
    try pipeline.value("SELECT count(*) || '/' || count(DISTINCT id) FROM sample") == "\(rows)/\(rows)"
  }

  @Test(arguments: ["range", "cooperative-sticky"])
  func `followers that join and leave under load land each message once`(strategy: String) throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      var pipeline = pipeline
      pipeline.properties = ["partition.assignment.strategy": strategy]
      try pipeline.makeTopic(partitions: 4)
      try publishEverywhere(pipeline, 0..<2000)
      let first = follow(pipeline)
      try wait(until: "the first follower reads all partitions") { try first.reads(4) }
      let second = follow(pipeline)
      try publishEverywhere(pipeline, 2000..<4000)
      try wait(until: "they share the partitions") {
        try first.reads(2) && second.reads(2)
          && Set(first.progress.lag.keys).isDisjoint(with: second.progress.lag.keys)
      }
      try publishEverywhere(pipeline, 4000..<6000)
      try wait(until: "all have landed") { try pipeline.count() >= 6000 }
      try publishEverywhere(pipeline, 6000..<8000)
      first.stop()
      let one = try first.wait()
      try wait(until: "the second follower reads all partitions") { try second.reads(4) }
      try publishEverywhere(pipeline, 8000..<9000)
      try wait(until: "all have landed") { try pipeline.count() >= 9000 }
      second.stop()
      let two = try second.wait()
      #expect(try isWhole(pipeline, 9000))
      #expect(one.landed + two.landed == 9000)
      #expect(one.landed > 0 && two.landed > 0)
      #expect(try pipeline.value("SELECT sum(next_offset) FROM netflix_offsets") == "9000")
    }
  }

  /// A member leaves the group explicitly: otherwise the next member waits for the session timeout of the last one, six seconds.
  @Test func `a stopped follower releases its partitions to the next one immediately`() throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      try pipeline.makeTopic()
      try pipeline.publish(ids: 0..<5)
      var fastest = Duration.seconds(60)
      for round in 1...3 {
        let follower = follow(pipeline)
        let start = ContinuousClock.now
        try wait(until: "it lands") { try pipeline.value("SELECT to_regclass('sample')") != nil && (try pipeline.count()) == round * 5 }
        if round > 1 { fastest = min(fastest, ContinuousClock.now - start) }
        follower.stop()
        #expect(try follower.wait().landed == 5)
        try pipeline.publish(ids: round * 5..<(round + 1) * 5)
      }
      #expect(fastest < .seconds(4))
    }
  }

  /// With `--instance-id`: a run that restarts soon does not cause a rebalance.
  @Test func `a stopped static member keeps its partitions for its next run`() throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      try pipeline.makeTopic(partitions: 2)
      let first = follow(pipeline, instanceID: "one")
      try wait(until: "it reads both") { try first.reads(2) }
      let other = follow(pipeline)
      try wait(until: "they share them") {
        try first.reads(1) && other.reads(1) && Set(first.progress.lag.keys).isDisjoint(with: other.progress.lag.keys)
      }
      first.stop()
      _ = try first.wait()
      try publishEverywhere(pipeline, 0..<10, partitions: 2)
      try wait(until: "the other's half has landed") { try pipeline.count() >= 5 }
      let again = follow(pipeline, instanceID: "one")
      try wait(until: "all have landed") { try pipeline.count() >= 10 }
      for member in [again, other] { member.stop() }
      #expect(try again.wait().landed == 5)
      #expect(try other.wait().landed == 5)
    }
  }

  @Test func `added partitions are read from their start`() throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      try pipeline.makeTopic()
      try pipeline.publish(ids: 0..<5)
      let follower = follow(pipeline)
      try wait(until: "it reads") { follower.progress.summary.landed == 5 }
      let admin = try KafkaAdmin.open(pipeline.configuration)
      defer { admin.close() }
      try admin.addPartitions(to: pipeline.topic, total: 3)
      try wait(until: "the partition is there") { try admin.partitions(of: pipeline.topic).count == 3 }
      try pipeline.publish(ids: 5..<10, partition: 2)
      try wait(until: "its rows have landed") { try pipeline.count() == 10 }
      follower.stop()
      #expect(try follower.wait().landed == 10)
    }
  }

  /// docs/delivery.md, point 8.
  @Test func `a run to the end beside a running follower succeeds, whichever lands the rows`() throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      try pipeline.makeTopic(partitions: 3)
      try publishEverywhere(pipeline, 0..<3000, partitions: 3)
      let follower = follow(pipeline)
      var landed = 0
      for round in 1...4 {
        landed += try pipeline.land { $0.batchRows = 100 }.landed
        #expect(try pipeline.count() >= round * 3000)
        try publishEverywhere(pipeline, round * 3000..<(round + 1) * 3000, partitions: 3)
      }
      try wait(until: "all have landed") { try pipeline.count() >= 15_000 }
      follower.stop()
      landed += try follower.wait().landed
      #expect(try isWhole(pipeline, 15_000))
      #expect(landed == 15_000)
    }
  }

  /// docs/delivery.md, points 8 and 9: it does not wait for the session timeout of a member.
  @Test func `a run to the end does not join the group and does not wait for members to leave`() throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      func hadMembers() throws -> Bool { try CommittedOffsets(pipeline.topic, topic: pipeline.topic, at: pipeline.servers).hadMembers }
      try pipeline.makeTopic()
      try pipeline.land()
      #expect(try !hadMembers())
      try pipeline.publish(ids: 0..<5)
      let follower = follow(pipeline)
      try wait(until: "it lands") { follower.progress.summary.landed == 5 }
      #expect(try hadMembers())
      let start = ContinuousClock.now
      #expect(try pipeline.land().received == 0)
      #expect(ContinuousClock.now - start < .seconds(30))
      #expect(follower.isRunning)
      follower.stop()
      _ = try follower.wait()
    }
  }

  /// docs/delivery.md, point 10: without the key order there is a deadlock.
  @Test func `two consumers that upsert the same keys in opposite order do not deadlock`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTopic(partitions: 2)
      let ids = Array(0..<4000)
      for round in 0..<3 {
        try pipeline.publish(ids.map { Sample.message($0, name: "up \(round)") }, partition: 0)
        try pipeline.publish(ids.reversed().map { Sample.message($0, name: "down \(round)") }, partition: 1)
      }
      let runs = ["one", "two"].map { group in
        BackgroundLanding(pipeline) {
          $0.group = group
          $0.batchRows = 2000
        }
      }
      for run in runs { #expect(try run.wait().received == 24_000) }
      #expect(try pipeline.count() == 4000)
      #expect(runs.allSatisfy { $0.progress.retries == 0 }, "retries: \(runs.map(\.progress.retries)), \(pipeline.output.all)")
    }
  }

  /// docs/delivery.md, point 15: the table is dropped while a follower runs.
  @Test func `a table dropped while a follower runs is recreated and filled from the start`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTopic()
      try pipeline.publish(ids: 0..<10)
      let follower = follow(pipeline)
      try wait(until: "it lands") { follower.progress.summary.landed == 10 }
      try pipeline.execute("DROP TABLE sample")
      try pipeline.publish(ids: 10..<12)
      try wait(until: "all are back") { try pipeline.value("SELECT to_regclass('sample')") != nil && (try pipeline.count()) == 12 }
      follower.stop()
      _ = try follower.wait()
    }
  }
}

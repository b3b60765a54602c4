import Kafka
import TestSupport
import Testing

@testable import Landing

/// When a batch is written, and what happens to the current batch when a run stops or rewinds.
@Suite struct BatchTests {
  /// docs/delivery.md, point 2: `--batch-seconds` old.
  @Test func `an old batch is written even if it is not full and more messages are available`() throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      try pipeline.publish(ids: 0..<5000)
      // Every check of the clock finds it too old.
      #expect(try pipeline.land { $0.batchSeconds = 1e-9 }.batches > 1)
      #expect(try pipeline.count() == 5000)
    }
  }

  /// docs/delivery.md, point 2: all partitions are at their end.
  @Test func `at the end of all partitions a batch is written immediately`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 0..<3)
      let follower = BackgroundLanding(pipeline) {
        $0.exitAtEnd = false
        $0.batchSeconds = 3600
      }
      try wait(until: "the rows are there") { try pipeline.value("SELECT to_regclass('sample')") != nil && (try pipeline.count()) == 3 }
      follower.stop()
      #expect(try follower.wait().counts == pipeline.summary(received: 3))
    }
  }

  /// docs/delivery.md, point 9: the current batch, and the previous one, which still waits for Postgres.
  @Test func `a stopped follower writes its current batch`() throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      try pipeline.publish(ids: 0..<1)
      try pipeline.land()
      // A trigger has no lock_timeout.
      try pipeline.execute(
        """
        CREATE TABLE gate AS SELECT 1;
        CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN WHILE EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.01); END LOOP; RETURN NEW; END';
        CREATE TRIGGER wait BEFORE INSERT ON sample FOR EACH ROW EXECUTE FUNCTION wait()
        """)
      try pipeline.publish(ids: 1..<6)
      let follower = BackgroundLanding(pipeline) {
        $0.exitAtEnd = false
        $0.batchRows = 3
        $0.graceSeconds = 120
      }
      try wait(until: "a batch waits") {
        try pipeline.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'") == "1"
      }
      try wait(until: "everything is read") { follower.progress.lag[0] == 0 }
      follower.stop()
      try wait(until: "the follower has received the stop request") { follower.hasHeard }
      try pipeline.execute("DELETE FROM gate")
      #expect(try follower.wait().landed == 5)
      #expect(try pipeline.value("SELECT count(*) || '/' || count(DISTINCT id) FROM sample") == "6/6")
    }
  }

  /// docs/delivery.md, point 2: another run advanced an offset.
  @Test func `a run whose offsets another run advanced discards its batch and continues from there`() throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      try pipeline.publish(ids: 0..<1)
      try pipeline.land()
      try pipeline.publish(ids: 1..<11)
      try pipeline.withConnection { other throws in
        // As another run does it: rows and the offset, from 1 to 6, in one transaction.
        try other.execute("BEGIN; SELECT 1 FROM netflix_offsets FOR UPDATE")
        let landing = BackgroundLanding(pipeline) { $0.batchRows = 3 }
        try wait(until: "it waits for the lock") {
          try pipeline.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == "1"
        }
        try other.execute(
          """
          INSERT INTO sample SELECT i, 'theirs', 1, 't', 0, i FROM generate_series(1, 5) AS i;
          UPDATE netflix_offsets SET next_offset = 6 WHERE kafka_partition = 0; COMMIT
          """)
        #expect(try landing.wait().received == 5)
        #expect(pipeline.output.contains("another run advanced the offsets"))
      }
      #expect(try pipeline.value("SELECT count(*) || '/' || count(DISTINCT kafka_offset) FROM sample") == "11/11")
    }
  }
}

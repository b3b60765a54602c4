import Kafka
import TestSupport
import Testing

@testable import Landing

/// When a batch is written, and what becomes of the one in hand.
@Suite struct BatchTests {
  /// DELIVERY, Landing 2: as old as --batch-seconds.
  @Test func `a batch that is old is written though it is not full and more is there to read`() throws {
    try Journey.on(Sample.keyless) { journey in
      try journey.publish(ids: 0..<5000)
      // Every look at the clock finds it too old.
      #expect(try journey.land { $0.batchSeconds = 1e-9 }.batches > 1)
      #expect(try journey.count() == 5000)
    }
  }

  /// DELIVERY, Landing 2: all partitions at their end.
  @Test func `where nothing more is to be read a batch is written, however young`() throws {
    try Journey.on { journey in
      try journey.publish(ids: 0..<3)
      let follower = BackgroundLanding(journey) {
        $0.exitAtEnd = false
        $0.batchSeconds = 3600
      }
      try wait(until: "the rows are there") { try journey.value("SELECT to_regclass('sample')") != nil && (try journey.count()) == 3 }
      follower.stop()
      _ = try follower.wait()
    }
  }

  /// DELIVERY, Landing 9: the batch in hand, and the one before it that still waits for Postgres.
  @Test func `a follower that is stopped finishes the batch in hand`() throws {
    try Journey.on(Sample.keyless) { journey in
      try journey.publish(ids: 0..<1)
      try journey.land()
      try journey.withConnection { other throws in
        try other.execute("BEGIN; SELECT 1 FROM netflix_offsets FOR UPDATE")
        try journey.publish(ids: 1..<6)
        let follower = BackgroundLanding(journey) {
          $0.exitAtEnd = false
          $0.batchRows = 3
        }
        try wait(until: "a batch waits for the lock") { try other.isLockWaitedFor() }
        try wait(until: "all is read") { follower.progress.lag[0] == 0 }
        follower.stop()
        try wait(until: "it knows") { follower.hasHeard }
        try other.execute("ROLLBACK")
        #expect(try follower.wait().landed == 5)
      }
      #expect(try journey.value("SELECT count(*) || '/' || count(DISTINCT id) FROM sample") == "6/6")
    }
  }

  /// DELIVERY, Landing 2: an offset that someone else moved.
  @Test func `a run whose offsets are moved by another drops what it has in hand and goes on from there`() throws {
    try Journey.on(Sample.keyless) { journey in
      try journey.publish(ids: 0..<1)
      try journey.land()
      try journey.publish(ids: 1..<11)
      try journey.withConnection { other throws in
        // As another run would: in one transaction rows and the offset, from 1 to 6.
        try other.execute("BEGIN; SELECT 1 FROM netflix_offsets FOR UPDATE")
        let landing = BackgroundLanding(journey) { $0.batchRows = 3 }
        try wait(until: "it waits for the lock") {
          try journey.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == "1"
        }
        try other.execute(
          """
          INSERT INTO sample SELECT i, 'theirs', 1, 't', 0, i FROM generate_series(1, 5) AS i;
          UPDATE netflix_offsets SET next_offset = 6 WHERE partition = 0; COMMIT
          """)
        #expect(try landing.wait().received == 5)
        #expect(journey.said.contains("another run advanced the offsets"))
      }
      #expect(try journey.value("SELECT count(*) || '/' || count(DISTINCT kafka_offset) FROM sample") == "11/11")
    }
  }
}

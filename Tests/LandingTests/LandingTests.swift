import Dataset
import Kafka
import Postgres
import TestSupport
import Testing

@testable import Landing

@Suite struct LandingTests {
  @Test func `messages become rows with their lineage, and a second run has nothing to do`() throws {
    try Journey.on { journey in
      try journey.publish(ids: 1..<4)
      #expect(try journey.land().counts == journey.summary(received: 3))
      #expect(
        try journey.query("SELECT id, name, amount, kafka_topic, kafka_partition, kafka_offset FROM sample ORDER BY id") == [
          ["1", "a", "1.50", journey.topic, "0", "0"], ["2", "a", "1.50", journey.topic, "0", "1"],
          ["3", "a", "1.50", journey.topic, "0", "2"],
        ])
      #expect(try journey.value("SELECT count(*) FROM sample WHERE landed_at > now() - interval '5 min'") == "3")
      #expect(try journey.land().counts == LandingSummary())
      try journey.publish(ids: 4..<6)
      #expect(try journey.land().counts == journey.summary(received: 2))
      #expect(try journey.count() == 5)
    }
  }

  /// DELIVERY, Landing 1: nothing read yet is NULL, and begins at the log's start.
  @Test func `every partition has its offset from the first run on, an empty one too`() throws {
    try Journey.on { journey in
      try journey.publish(ids: 0..<3, partition: 1)
      try journey.land()
      let offsets = try journey.query(
        "SELECT partition, next_offset, last_offset, last_timestamp > 0, cluster_id IS NULL FROM netflix_offsets ORDER BY partition")
      #expect(offsets.prefix(3) == [["0", "0", nil, nil, "f"], ["1", "3", "2", "t", "f"], ["2", "0", nil, nil, "f"]])
    }
  }

  @Test func `rows without a key are appended, one a message`() throws {
    try Journey.on(Sample.keyless) { journey in
      try journey.publish(ids: 0..<5)
      try journey.publish(ids: 0..<5)
      #expect(try journey.land { $0.batchRows = 3 }.counts == journey.summary(received: 10, batches: 4))
      #expect(
        try journey.value("SELECT count(*) || '/' || count(DISTINCT id) || '/' || count(DISTINCT kafka_offset) FROM sample") == "10/5/10")
    }
  }

  @Test func `the last version of a key wins, within a batch and across batches, and each counts as landed`() throws {
    try Journey.on { journey in
      for name in ["first", "second", "third"] { try journey.publish(ids: 0..<4, name: name) }
      #expect(try journey.land { $0.batchRows = 7 }.counts == journey.summary(received: 12, batches: 2))
      #expect(try journey.query("SELECT DISTINCT name, kafka_offset - id FROM sample") == [["third", "8"]])
      #expect(try journey.count() == 4)
    }
  }

  @Test func `a key of several columns, one of them text, folds as well`() throws {
    try Journey.on(Sample.pair) { journey in
      try journey.publish([Sample.message(1, name: "ä"), Sample.message(1, name: "b"), Sample.message(1, name: "ä", amount: "7")])
      try journey.land()
      #expect(try journey.query("SELECT name, id, amount FROM sample ORDER BY 3") == [["b", "1", "1.50"], ["ä", "1", "7"]])
    }
  }

  @Test func `any valid spelling of a message is the same row`() throws {
    try Journey.on { journey in
      try journey.publish([
        #"{"id":1,"name":"a","amount":16}"#, "\n{ \"amount\" : 16.0 , \"name\":\"\\u0061\",\t\"id\" : 2.0 }\n",
        #"{"id":3,"name":null,"amount":1.6e1,"more":{"x":[1,2]}}"#, #"{"id":4}"#,
      ])
      #expect(try journey.land().counts == journey.summary(received: 4))
      #expect(
        try journey.query("SELECT id, name, amount = 16 FROM sample ORDER BY id") == [
          ["1", "a", "t"], ["2", "a", "t"], ["3", nil, "t"], ["4", nil, nil],
        ])
      #expect(journey.said.contains("fields that the description does not know are passed over: more"))
    }
  }

  @Test func `another table in the same group has offsets of its own`() throws {
    try Journey.on { journey in
      try journey.publish(ids: 0..<3)
      try journey.land()
      #expect(try journey.land { $0.table = "second" }.received == 3)
      #expect(try journey.count("second") == 3)
    }
  }

  @Test func `another group lands in the same table`() throws {
    try Journey.on { journey in
      try journey.publish(ids: 0..<3)
      try journey.land()
      #expect(try journey.land { $0.group = "other" }.received == 3)
      #expect(try journey.count() == 3)
    }
  }

  /// DELIVERY, Landing 17.
  @Test func `each transaction that lands rows notifies, no other`() throws {
    try Journey.on { journey in
      try journey.withConnection { listener in
        try journey.publish(ids: 0..<4)
        try listener.listen("sample")
        try journey.land { $0.batchRows = 2 }
        try journey.land()
        #expect(try listener.drainNotifications().map(\.channel) == ["sample", "sample"])
      }
    }
  }

  @Test(.requiresRealBroker) func `a topic that does not exist is waited for, then given up`() throws {
    try Journey.on { journey in
      var journey = journey
      journey.topic = uniqueTopic("missing")
      let error = #expect(throws: LandingError.self) { try journey.land { $0.retrySeconds = 1 } }
      #expect(error?.kind == .unavailable)
      #expect(error?.message == "topic \(journey.topic) does not exist")
    }
  }

  /// DELIVERY, Landing 7.
  @Test func `from the beginning, everything is read again`() throws {
    try Journey.on { journey in
      try journey.publish(ids: 0..<3)
      try journey.publish(["rubbish"])
      try journey.land()
      #expect(try journey.land { $0.fromBeginning = true }.counts == journey.summary(received: 4, rejected: 1))
      #expect(try journey.count() == 3)
      #expect(try journey.count("netflix_rejected") == 1)
    }
  }

  @Test func `without a key, from the beginning needs the table emptied`() throws {
    try Journey.on(Sample.keyless) { journey in
      try journey.publish(ids: 0..<3)
      try journey.land()
      let error = #expect(throws: LandingError.self) { try journey.land { $0.fromBeginning = true } }
      #expect(error?.kind == .configuration)
      #expect(try journey.count() == 3)
      try journey.execute("INSERT INTO netflix_offsets VALUES ('sample', 'other', 't', 0, 5)")
      #expect(
        try journey.land {
          $0.fromBeginning = true
          $0.replace = true
        }.received == 3)
      #expect(try journey.count() == 3)
      #expect(try journey.value("SELECT next_offset FROM netflix_offsets WHERE consumer_group = 'other'") == nil)
    }
  }

  @Test func `a table that was dropped is made anew and filled from the start`() throws {
    try Journey.on { journey in
      try journey.publish(ids: 0..<3)
      try journey.land()
      try journey.execute("DROP TABLE sample")
      #expect(try journey.land().received == 3)
      #expect(try journey.count() == 3)
    }
  }

  @Test func `what is asked to stop before the end says so, and what landed stays landed`() throws {
    try Journey.on { journey in
      try journey.publish(ids: 0..<3)
      let landing = try Landing(
        resource: journey.resource, options: journey.options, configuration: journey.configuration, isStopped: { true })
      let error = #expect(throws: LandingError.self) { try landing.run() }
      #expect(error?.kind == .stopped)
      #expect(try journey.land().received == 3)
    }
  }

  /// DELIVERY, Landing 8: ends are fixed at the start.
  @Test func `a run to the end stops at the end it saw, whatever comes meanwhile`() throws {
    try Journey.on { journey in
      try journey.publish(ids: 0..<1)
      try journey.land()
      try journey.publish(ids: 1..<11)
      try journey.withConnection { other throws in
        try other.execute("BEGIN; SELECT 1 FROM netflix_offsets FOR UPDATE")
        let landing = BackgroundLanding(journey) { $0.batchRows = 4 }
        try wait(until: "it waits for the lock") {
          try journey.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == "1"
        }
        try journey.publish(ids: 11..<31)
        try other.execute("ROLLBACK")
        #expect(try landing.wait().received == 10)
      }
      #expect(try journey.query("SELECT max(id) FROM sample") == [["10"]])
      #expect(try journey.land().received == 20)
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
        #expect(journey.said.contains("another run moved the offsets on"))
      }
      #expect(try journey.value("SELECT count(*) || '/' || count(DISTINCT kafka_offset) FROM sample") == "11/11")
    }
  }
}

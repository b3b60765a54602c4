import Dataset
import Kafka
import Postgres
import TestSupport
import Testing

@testable import Landing

@Suite struct SinkTaskTests {
  @Test func `messages become rows with their lineage, and a second run has nothing to do`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 1..<4)
      #expect(try pipeline.land().counts == pipeline.summary(received: 3))
      #expect(
        try pipeline.query("SELECT id, name, amount, kafka_topic, kafka_partition, kafka_offset FROM sample ORDER BY id") == [
          ["1", "a", "1.50", pipeline.topic, "0", "0"], ["2", "a", "1.50", pipeline.topic, "0", "1"],
          ["3", "a", "1.50", pipeline.topic, "0", "2"],
        ])
      #expect(try pipeline.value("SELECT count(*) FROM sample WHERE landed_at > now() - interval '5 min'") == "3")
      #expect(try pipeline.land().counts == SinkSummary())
      try pipeline.publish(ids: 4..<6)
      #expect(try pipeline.land().counts == pipeline.summary(received: 2))
      #expect(try pipeline.count() == 5)
    }
  }

  /// docs/delivery.md, point 1: NULL means nothing read yet, and reading starts at the beginning of the log.
  @Test func `every partition has a stored offset after the first run, also an empty one`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 0..<3, partition: 1)
      try pipeline.land()
      let offsets = try pipeline.query(
        "SELECT kafka_partition, next_offset, kafka_offset, last_timestamp > 0, cluster_id IS NULL FROM netflix_offsets ORDER BY kafka_partition"
      )
      #expect(offsets.prefix(3) == [["0", "0", nil, nil, "f"], ["1", "3", "2", "t", "f"], ["2", "0", nil, nil, "f"]])
    }
  }

  @Test func `rows without a key are appended, one per message`() throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      try pipeline.publish(ids: 0..<5)
      try pipeline.publish(ids: 0..<5)
      #expect(try pipeline.land { $0.batchRows = 3 }.counts == pipeline.summary(received: 10, batches: 4))
      #expect(
        try pipeline.value("SELECT count(*) || '/' || count(DISTINCT id) || '/' || count(DISTINCT kafka_offset) FROM sample") == "10/5/10")
    }
  }

  @Test func `the last version of a key wins, within a batch and across batches, and each counts as landed`() throws {
    try PipelineFixture.on { pipeline in
      for name in ["first", "second", "third"] { try pipeline.publish(ids: 0..<4, name: name) }
      #expect(try pipeline.land { $0.batchRows = 7 }.counts == pipeline.summary(received: 12, batches: 2))
      #expect(try pipeline.query("SELECT DISTINCT name, kafka_offset - id FROM sample") == [["third", "8"]])
      #expect(try pipeline.count() == 4)
    }
  }

  @Test func `versions of a key of several columns, one of them text, are merged as well`() throws {
    try PipelineFixture.on(Sample.pair) { pipeline in
      try pipeline.publish([Sample.message(1, name: "ä"), Sample.message(1, name: "b"), Sample.message(1, name: "ä", amount: "7")])
      try pipeline.land()
      #expect(try pipeline.query("SELECT name, id, amount FROM sample ORDER BY 3") == [["b", "1", "1.50"], ["ä", "1", "7"]])
    }
  }

  @Test func `any valid JSON formatting of a message gives the same row`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish([
        #"{"id":1,"name":"a","amount":16}"#, "\n{ \"amount\" : 16.0 , \"name\":\"\\u0061\",\t\"id\" : 2.0 }\n",
        #"{"id":3,"name":null,"amount":1.6e1,"more":{"x":[1,2]}}"#, #"{"id":4,"amount":null}"#,
      ])
      #expect(try pipeline.land().counts == pipeline.summary(received: 4))
      #expect(
        try pipeline.query("SELECT id, name, amount = 16 FROM sample ORDER BY id") == [
          ["1", "a", "t"], ["2", "a", "t"], ["3", nil, "t"], ["4", nil, nil],
        ])
      #expect(pipeline.output.contains("skipping fields that are not in the description: more"))
    }
  }

  @Test func `another table in the same group has separate offsets`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 0..<3)
      try pipeline.land()
      #expect(try pipeline.land { $0.table = "second" }.received == 3)
      #expect(try pipeline.count("second") == 3)
    }
  }

  @Test func `another topic in the same table has separate offsets`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 0..<3)
      try pipeline.land()
      var second = pipeline
      second.topic = uniqueTopic("landing")
      try second.publish(ids: 3..<5)
      #expect(try second.land { $0.group = pipeline.topic }.received == 2)
      #expect(try pipeline.land().received == 0)
      #expect(try pipeline.count() == 5)
    }
  }

  @Test func `another group lands in the same table`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 0..<3)
      try pipeline.land()
      #expect(try pipeline.land { $0.group = "other" }.received == 3)
      #expect(try pipeline.count() == 3)
    }
  }

  /// docs/delivery.md, point 17.
  @Test func `only a transaction that lands rows sends a notification`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.withConnection { listener in
        try pipeline.publish(ids: 0..<4)
        try listener.listen("sample")
        try pipeline.land { $0.batchRows = 2 }
        try pipeline.land()
        #expect(try notified(listener, pipeline) == 2)
        try pipeline.publish(["rubbish"])
        #expect(try pipeline.land().rejected == 1)
        #expect(try notified(listener, pipeline) == 0)
      }
    }
  }

  /// Number of notifications on the channel; the server delivers them in commit order, with a delay.
  private func notified(_ listener: PostgresConnection, _ pipeline: PipelineFixture) throws -> Int {
    try pipeline.execute("NOTIFY sample, 'no more'")
    var all: [PostgresNotification] = []
    while all.last?.payload != "no more" {
      let more = try listener.waitForNotifications(seconds: 30)
      if more.isEmpty { throw TestSupportError("no notification came") }
      all += more
    }
    return all.count - 1
  }

  @Test func `deleting rows sends a notification as well, by a tombstone and by a reset`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.withConnection { listener in
        try pipeline.publish(ids: 0..<3)
        try pipeline.land { $0.tombstones = .delete }
        try listener.listen("sample")
        try pipeline.publish([("1", nil)])
        #expect(try pipeline.land { $0.tombstones = .delete }.deleted == 1)
        #expect(try notified(listener, pipeline) == 1)
        try pipeline.land {
          $0.tombstones = .delete
          $0.fromBeginning = true
          $0.replace = true
        }
        // One for the emptied table, and one for the batch that fills it.
        #expect(try notified(listener, pipeline) == 2)
      }
    }
  }

  /// docs/delivery.md, "Reading the topic": for tools that show lag.
  @Test(.requiresRealBroker) func `the landed offsets are committed to Kafka as the offsets of the group`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTopic(partitions: 2)
      try pipeline.publish(ids: 0..<3, partition: 1)
      try pipeline.land()
      #expect(try CommittedOffsets(pipeline.topic, topic: pipeline.topic, at: pipeline.servers).offsets == [0: 0, 1: 3])
    }
  }

  @Test(.requiresRealBroker) func `a run waits for a topic that does not exist, for --retry-seconds`() throws {
    try PipelineFixture.on { pipeline in
      var pipeline = pipeline
      pipeline.topic = uniqueTopic("missing")
      let error = #expect(throws: SinkError.self) { try pipeline.land { $0.retrySeconds = 1 } }
      #expect(error?.kind == .unavailable)
      #expect(error?.message == "topic \(pipeline.topic) does not exist")
    }
  }

  /// docs/delivery.md, point 7.
  @Test func `--from-beginning reads everything again`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 0..<3)
      try pipeline.publish(["rubbish"])
      try pipeline.land()
      // The rows stay, and so do the offsets of other groups.
      try pipeline.execute("INSERT INTO netflix_offsets VALUES ('sample', 'other', 't', 0, 5)")
      #expect(try pipeline.land { $0.fromBeginning = true }.counts == pipeline.summary(received: 4, rejected: 1))
      #expect(try pipeline.count() == 3)
      #expect(try pipeline.count("netflix_rejected") == 1)
      #expect(try pipeline.value("SELECT next_offset FROM netflix_offsets WHERE consumer_group = 'other'") == "5")
    }
  }

  @Test func `without a key --from-beginning requires --replace`() throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      try pipeline.publish(ids: 0..<3)
      try pipeline.land()
      let error = #expect(throws: SinkError.self) { try pipeline.land { $0.fromBeginning = true } }
      #expect(error?.kind == .configuration)
      #expect(try pipeline.count() == 3)
      try pipeline.execute("INSERT INTO netflix_offsets VALUES ('sample', 'other', 't', 0, 5)")
      #expect(
        try pipeline.land {
          $0.fromBeginning = true
          $0.replace = true
        }.received == 3)
      #expect(try pipeline.count() == 3)
      #expect(try pipeline.value("SELECT next_offset FROM netflix_offsets WHERE consumer_group = 'other'") == nil)
    }
  }

  @Test func `a dropped table is recreated and filled from the start`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 0..<3)
      try pipeline.land()
      try pipeline.execute("DROP TABLE sample")
      #expect(try pipeline.land().received == 3)
      #expect(try pipeline.count() == 3)
    }
  }

  /// docs/delivery.md, point 15: for example a user's trigger that needs a missing table.
  @Test func `an error that persists after the table check ends the run with the server's message`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTables()
      try pipeline.execute(
        """
        CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 FROM gone; RETURN new; END $$;
        CREATE TRIGGER look BEFORE INSERT ON sample FOR EACH ROW EXECUTE FUNCTION look()
        """)
      try pipeline.publish(ids: 0..<3)
      let error = #expect(throws: PostgresError.self) { try BackgroundLanding(pipeline).wait(seconds: 60) }
      #expect(error?.sqlstate == "42P01")
      #expect(try pipeline.count() == 0)
    }
  }

  @Test func `a missing table that a trigger needs for one record only rejects that record`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTables()
      try pipeline.execute(
        """
        CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF new.id = 1 THEN PERFORM 1 FROM gone; END IF; RETURN new; END $$;
        CREATE TRIGGER look BEFORE INSERT ON sample FOR EACH ROW EXECUTE FUNCTION look()
        """)
      try pipeline.publish(ids: 0..<3)
      #expect(try pipeline.land().counts == pipeline.summary(received: 3, rejected: 1))
    }
  }

  @Test(arguments: [true, false])
  func `rows land in a GENERATED ALWAYS AS IDENTITY column`(isKeyed: Bool) throws {
    try PipelineFixture.on(isKeyed ? Sample.keyed : Sample.keyless) { pipeline in
      try pipeline.execute("CREATE TABLE sample (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, amount numeric)")
      try pipeline.publish(ids: 5..<7)
      if isKeyed { try pipeline.publish(ids: 5..<6, name: "b") }
      #expect(try pipeline.land().rejected == 0)
      #expect(try pipeline.query("SELECT id, name FROM sample ORDER BY id") == [["5", isKeyed ? "b" : "a"], ["6", "a"]])
    }
  }

  /// COPY ignores rules.
  @Test func `without a key rows follow an INSERT rule of the table`() throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      try pipeline.execute(
        """
        CREATE TABLE sample (id bigint, name text, amount numeric); CREATE TABLE elsewhere (id bigint);
        CREATE RULE move AS ON INSERT TO sample WHERE new.id > 1 DO INSTEAD INSERT INTO elsewhere VALUES (new.id)
        """)
      try pipeline.publish(ids: 0..<4)
      #expect(try pipeline.land().landed == 4)
      #expect(try pipeline.value("SELECT string_agg(id::text, ' ' ORDER BY id) FROM sample") == "0 1")
      #expect(try pipeline.value("SELECT string_agg(id::text, ' ' ORDER BY id) FROM elsewhere") == "2 3")
    }
  }

  /// The remedy in the error about duplicates (78).
  @Test func `--replace empties a table with duplicates and adds the unique constraint`() throws {
    try PipelineFixture.on { pipeline in
      var keyless = pipeline
      keyless.resource = Sample.keyless
      try keyless.publish(ids: 0..<2)
      try keyless.publish(ids: 0..<2, name: "b")
      #expect(try keyless.land().landed == 4)
      let error = #expect(throws: SinkError.self) { try pipeline.land() }
      #expect(error?.message.contains("2 keys have several rows") == true)
      #expect(error?.hint?.contains("--exit-at-end --from-beginning --replace") == true)
      try pipeline.land {
        $0.fromBeginning = true
        $0.replace = true
      }
      #expect(try pipeline.query("SELECT id, name FROM sample ORDER BY id") == [["0", "b"], ["1", "b"]])
      try pipeline.publish(ids: 1..<2, name: "c")
      #expect(try pipeline.land().landed == 1)
      #expect(try pipeline.query("SELECT id, name FROM sample ORDER BY id") == [["0", "b"], ["1", "c"]])
    }
  }

  /// README, "Messages".
  @Test func `a message without some fields sets their columns to NULL, and a message with only the key is rejected`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 1..<2)
      try pipeline.publish(["{\"id\":1,\"amount\":12}", "{\"id\":1,\"Amount\":13}", "{\"id\":1}"])
      #expect(try pipeline.land().counts == pipeline.summary(received: 4, rejected: 2))
      #expect(try pipeline.query("SELECT name, amount FROM sample") == [[nil, "12"]])
      #expect(
        try pipeline.query("SELECT reason FROM netflix_rejected ORDER BY kafka_offset") == [
          ["no described field but the key: Amount: did you mean amount?"], ["no described field but the key"],
        ])
    }
  }

  @Test func `a run that is stopped before the end throws stopped, and its landed rows stay`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 0..<3)
      let landing = try SinkTask(
        resource: pipeline.resource, options: pipeline.options, configuration: pipeline.configuration, isStopped: { true })
      let error = #expect(throws: SinkError.self) { try landing.run() }
      #expect(error?.kind == .stopped)
      #expect(try pipeline.land().received == 3)
    }
  }

  /// docs/delivery.md, point 8: ends are fixed at the start.
  @Test func `a run to the end stops at the end fixed at its start, even if messages arrive later`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 0..<1)
      try pipeline.land()
      try pipeline.publish(ids: 1..<11)
      try pipeline.withConnection { other throws in
        try other.execute("BEGIN; SELECT 1 FROM netflix_offsets FOR UPDATE")
        let landing = BackgroundLanding(pipeline) { $0.batchRows = 4 }
        try wait(until: "it waits for the lock") {
          try pipeline.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == "1"
        }
        try pipeline.publish(ids: 11..<31)
        try other.execute("ROLLBACK")
        #expect(try landing.wait().received == 10)
      }
      #expect(try pipeline.query("SELECT max(id) FROM sample") == [["10"]])
      #expect(try pipeline.land().received == 20)
    }
  }

  // MARK: Changes under a running follower

  @Test(arguments: ["DELETE FROM netflix_offsets", "TRUNCATE netflix_offsets", "DROP TABLE netflix_offsets"])
  func `offsets that are deleted under a follower without a key end it with 78, and what is advised goes on`(change: String) throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      try pipeline.publish(ids: 0..<5)
      let follower = BackgroundLanding(pipeline) { $0.exitAtEnd = false }
      try wait(until: "it has landed five") { try pipeline.value("SELECT to_regclass('sample')") != nil && pipeline.count() == 5 }
      // Another group's offsets do not hide it.
      try pipeline.land { $0.group += "-other" }
      try pipeline.execute(
        change.replacing("DELETE FROM netflix_offsets", with: "DELETE FROM netflix_offsets WHERE consumer_group = '\(pipeline.topic)'"))
      try pipeline.publish(ids: 5..<8)
      let error = try #require(throws: SinkError.self) { try follower.wait() }
      #expect(error.kind == .configuration && error.message.contains("netflix_offsets"), "\(error)")
      #expect(try pipeline.count() == 10)
      try pipeline.execute(String(try #require(error.hint?.split(separator: "\n").last)))
      #expect(try pipeline.land().counts == pipeline.summary(received: 3))
      #expect(try pipeline.query("SELECT count(*), count(DISTINCT id) FROM sample") == [["13", "8"]])
    }
  }

  @Test func `offsets that were deleted before a start end it with 78 where rows would be doubled`() throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      try pipeline.publish(ids: 0..<5)
      try pipeline.land()
      try pipeline.execute("DELETE FROM netflix_offsets")
      for _ in 0..<2 {
        let error = #expect(throws: SinkError.self) { try pipeline.land() }
        #expect(
          error?.kind == .configuration
            && error?.message.hasPrefix("rows of partition 0 of topic \(pipeline.topic) are in ") == true, "\(String(describing: error))")
      }
      #expect(try pipeline.count() == 5)
      try pipeline.land {
        $0.fromBeginning = true
        $0.replace = true
      }
      #expect(try pipeline.count() == 5)
      // Without the rows there is nothing to double.
      try pipeline.execute("DELETE FROM netflix_offsets; TRUNCATE sample")
      #expect(try pipeline.land().counts == pipeline.summary(received: 5))
    }
  }

  @Test func `with a key, offsets that are deleted cost another read, and no record is rejected twice`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 0..<5)
      try pipeline.publish(["no row"])
      let follower = BackgroundLanding(pipeline) { $0.exitAtEnd = false }
      try wait(until: "all is there") {
        try pipeline.value("SELECT to_regclass('sample')") != nil && pipeline.count("netflix_rejected") == 1
      }
      try pipeline.execute("DELETE FROM netflix_offsets")
      try pipeline.publish(ids: 5..<8)
      try wait(until: "the rest is there") { try pipeline.count() == 8 }
      follower.stop()
      _ = try follower.wait()
      #expect(pipeline.output.contains("were deleted from"))
      #expect(try pipeline.count("netflix_rejected") == 1)
      #expect(try pipeline.count() == 8)
    }
  }

  /// A small one is inserted from arrays, a large one through the staging table.
  @Test func `a small batch lands and deletes the same as a large one`() throws {
    let every = Resource(name: "sample", path: "sample.csv", fields: Sample.everyType.fields, primaryKey: [1])
    try PipelineFixture.on(every) { pipeline in
      let full = #""t":"ä\"","n":-12.50,"b":true,"d":"2024-02-29","ts":"2024-02-29T12:34:56.5Z","c":"12:34:56","y":2024"#
      func messages(_ ids: Range<Int>) -> [PipelineFixture.Message] {
        // An older version of each comes first.
        ids.map { ("\($0)", "{\"i\":\($0),\"t\":\"old\"}") } + ids.map { ("\($0)", "{\"i\":\($0),\($0 % 2 == 0 ? full : #""n":1"#)}") }
      }
      for ids in [0..<20, 1000..<2000] {
        try pipeline.publish(messages(ids))
        #expect(try pipeline.land().counts == pipeline.summary(received: 2 * ids.count))
      }
      let rows = "SELECT DISTINCT t, n::text, b, d::text, ts AT TIME ZONE 'UTC', c::text, y FROM sample ORDER BY y"
      let expected = [
        ["ä\"", "-12.50", "t", "2024-02-29", "2024-02-29 12:34:56.5", "12:34:56", "2024"], [nil, "1", nil, nil, nil, nil, nil],
      ]
      #expect(try pipeline.query(rows) == expected)
      #expect(try pipeline.count() == 1020)
      for ids in [0..<10, 1000..<1900] {
        // A row that is deleted and comes again is there.
        try pipeline.publish(ids.map { ("\($0)", nil) } + messages(ids.lowerBound..<ids.lowerBound + 1))
        #expect(try pipeline.land { $0.tombstones = .delete }.deleted == ids.count)
      }
      #expect(
        try pipeline.value("SELECT string_agg(i::text, ',' ORDER BY i) FROM sample WHERE i < 1901")
          == "0,10,11,12,13,14,15,16,17,18,19,1000,1900")
    }
  }

  @Test(arguments: [Sample.keyed, Sample.keyless])
  func `a column that becomes narrower under a follower ends it before a value is rounded`(resource: Resource) throws {
    try PipelineFixture.on(resource) { pipeline in
      try pipeline.publish(ids: 0..<5)
      let follower = BackgroundLanding(pipeline) { $0.exitAtEnd = false }
      try wait(until: "it has landed five") { try pipeline.value("SELECT to_regclass('sample')") != nil && pipeline.count() == 5 }
      // A user's column does not stop the run.
      try pipeline.execute("ALTER TABLE sample ADD COLUMN mine int")
      try pipeline.publish(ids: 5..<6)
      try wait(until: "it has landed six") { try pipeline.count() == 6 }
      try pipeline.execute("ALTER TABLE sample ALTER COLUMN amount TYPE numeric(10,0)")
      try pipeline.publish(ids: 6..<8)
      let error = try #require(throws: SinkError.self) { try follower.wait() }
      #expect(error.kind == .configuration && error.message.contains("amount is numeric(10,0), not numeric"), "\(error)")
      #expect(try pipeline.count() == 6)
      try pipeline.execute(String(try #require(error.hint?.split(separator: "\n").last)))
      #expect(try pipeline.land().counts == pipeline.summary(received: 2))
      #expect(try pipeline.query("SELECT DISTINCT amount FROM sample WHERE id > 5") == [["1.50"]])
    }
  }

  @Test func `a table that becomes UNLOGGED under a follower ends it`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 0..<5)
      let follower = BackgroundLanding(pipeline) { $0.exitAtEnd = false }
      try wait(until: "it has landed five") { try pipeline.value("SELECT to_regclass('sample')") != nil && pipeline.count() == 5 }
      try pipeline.execute("ALTER TABLE sample SET UNLOGGED")
      try pipeline.publish(ids: 5..<8)
      let error = #expect(throws: SinkError.self) { try follower.wait() }
      #expect(error?.kind == .configuration && error?.message.contains("is UNLOGGED") == true, "\(String(describing: error))")
      #expect(try pipeline.count() == 5)
    }
  }

  @Test func `a tombstone deletes no row of a table that inherits from this one`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 0..<2)
      try pipeline.land()
      try pipeline.execute("CREATE TABLE heir () INHERITS (sample); INSERT INTO heir VALUES (1, 'mine', 1, 'another', 0, 0)")
      try pipeline.publish([("1", nil)])
      #expect(try pipeline.land { $0.tombstones = .delete }.deleted == 1)
      #expect(try pipeline.query("SELECT tableoid::regclass, id FROM sample ORDER BY id") == [["sample", "0"], ["heir", "1"]])
    }
  }
}

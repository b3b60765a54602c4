import Glibc
import Kafka
import TestSupport
import Testing

/// `netflix status`, `netflix offsets` and `netflix rejects` beside netflix-consumer.
@Suite struct MaintenanceTests {
  // MARK: status

  @Test func `status shows ends, offsets, lag, rejected records and the last landed row`() throws {
    try PipelineFixture.on { stage in
      try stage.publish(0..<3)
      try stage.publish(["no row"])
      #expect(try stage.consume("--exit-at-end", "-q").status == 0)
      try stage.publish(3..<5)
      let result = try stage.netflix("status", "--json")
      #expect(result.status == 0 && result.errors == "", "\(result)")
      let landedAt = try stage.value("SELECT to_char(max(landed_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') FROM rows")
      let updatedAt = try stage.value(
        "SELECT to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') FROM netflix_offsets LIMIT 1")
      let heading = "{\"topic\":\"\(stage.topic)\",\"group\":\"\(stage.topic)\",\"table\":\"rows\",\"partitions\":[{\"partition\":0,"
      #expect(
        result.output.hasPrefix(
          "\(heading)\"start\":0,\"end\":6,\"stored\":4,\"lag\":2,\"rejected\":1,\"updated_at\":\"\(updatedAt ?? "")\"}"))
      #expect(
        result.output.hasSuffix(
          "\"lag\":2,\"rejected\":1,\"last_landed\":{\"landed_at\":\"\(landedAt ?? "")\",\"partition\":0,\"offset\":2},\"mismatch\":null,\"errors\":[]}\n"
        ))
      let text = try stage.netflix("status").output
      #expect(text.hasPrefix("topic \(stage.topic), group \(stage.topic), table rows\n\npartition  start  end  "), "\(text)")
      #expect(text.contains("\n0              0    6       4    2         1  \(updatedAt ?? "")\n"), "\(text)")
      #expect(text.contains("\ntotal                            2         1\n"), "\(text)")
      #expect(text.contains("\nlast landed row: \(landedAt ?? ""), partition 0, offset 2\n"), "\(text)")
    }
  }

  @Test func `while Kafka or Postgres is unavailable status is 69, and shows the rest`() throws {
    try PipelineFixture.on { stage in
      try stage.publish(0..<3)
      #expect(try stage.consume("--exit-at-end", "-q").status == 0)
      let noKafka = try stage.netflix("status", "--json", "--bootstrap-servers", "127.0.0.1:1", "--retry-seconds", "1")
      #expect(noKafka.status == 69 && noKafka.errors.contains("Kafka"), "\(noKafka)")
      #expect(
        noKafka.output.contains("{\"partition\":0,\"start\":null,\"end\":null,\"stored\":3,\"lag\":null,\"rejected\":0,"), "\(noKafka)")
      #expect(noKafka.output.contains("\"last_landed\":{") && noKafka.output.contains("\"errors\":[\"Kafka: "), "\(noKafka)")
      let noPostgres = try stage.netflix("status", "--database", "postgresql://127.0.0.1:1/none", "--retry-seconds", "1")
      #expect(noPostgres.status == 69 && noPostgres.errors.contains("database: "), "\(noPostgres)")
      #expect(noPostgres.output.contains("\n0              0    3       ?    ?         ?\n"), "\(noPostgres)")
      #expect(noPostgres.output.contains("last landed row: ?"), "\(noPostgres)")
      let list = try stage.netflix("rejects", "list", "--database", "postgresql://127.0.0.1:1/none", "--retry-seconds", "1")
      #expect(list.status == 69 && list.errors.contains("database: "), "\(list)")
      let set = try stage.netflix("offsets", "set", "--to", "end", "--bootstrap-servers", "127.0.0.1:1", "--retry-seconds", "1")
      #expect(set.status == 69 && set.errors.contains("Kafka: "), "\(set)")
      let neither = try stage.netflix(
        "status", "--json", "--bootstrap-servers", "127.0.0.1:1", "--database", "postgresql://127.0.0.1:1/none", "--retry-seconds", "1")
      #expect(neither.status == 69 && neither.output.contains("\"partitions\":[],\"lag\":null,\"rejected\":null"), "\(neither)")
      #expect(neither.errors.contains("error: Kafka: ") && neither.errors.contains("error: database: "), "\(neither)")
    }
  }

  @Test func `a missing topic or table is 69 with the way out, and the rest is shown`() throws {
    try PipelineFixture.on { stage in
      try stage.publish(0..<3)
      let noTable = try stage.netflix("status", "--json")
      #expect(noTable.status == 69, "\(noTable)")
      #expect(
        noTable.errors
          == "error: table \"public\".\"rows\" does not exist\n  Run netflix-consumer, which creates it, or choose another with --table.\n")
      #expect(
        noTable.output.contains("{\"partition\":0,\"start\":0,\"end\":3,\"stored\":null,\"lag\":3,\"rejected\":0,\"updated_at\":null}"))
      #expect(try stage.consume("--exit-at-end", "-q").status == 0)
      #expect(try stage.netflix("status").status == 0)
      // The embedded broker creates it.
      guard TestEnvironment.bootstrapServers != nil else { return }
      let noTopic = try stage.netflix("status", "--json", "--topic", uniqueTopic())
      #expect(noTopic.status == 69 && noTopic.errors.contains("does not exist"), "\(noTopic)")
      #expect(noTopic.output.contains("\"last_landed\":null"), "\(noTopic)")
    }
  }

  // MARK: offsets

  @Test func `offsets set shows what it would change, and changes it with --execute`() throws {
    try PipelineFixture.on(isKeyed: true) { stage in
      try stage.publish(0..<5)
      try stage.publish(["no row"])
      #expect(try stage.consume("--exit-at-end", "-q").status == 0)
      let plan = try stage.netflix("offsets", "set", "--to", "2", "--partition", "0")
      #expect(plan.status == 0 && plan.errors == "Nothing was changed: --execute makes the change.\n", "\(plan)")
      #expect(plan.output.hasSuffix("        0       6    2  reads 4 offsets again, deletes 1 rejected record\n"), "\(plan)")
      #expect(try stage.stored() == "6")
      let change = try stage.netflix("offsets", "set", "--to", "2", "--partition", "0", "--execute", "--json")
      #expect(change.status == 0, "\(change)")
      #expect(
        change.output.hasSuffix(
          "\"executed\":true,\"partitions\":[{\"partition\":0,\"stored\":6,\"new\":2,\"repeated\":4,\"skipped\":0,\"rejected\":1}]}\n"),
        "\(change)")
      #expect(try stage.stored() == "2" && stage.count("netflix_rejected") == 0)
      #expect(try stage.netflix("offsets", "show").output.contains("\n        0       2    6    4\n"))
      let again = try stage.consume("--exit-at-end", "-q")
      #expect(again.output.number("received") == 4 && again.output.number("rejected") == 1, "\(again)")
      #expect(try stage.isWhole(5) == "whole")
    }
  }

  @Test(.requiresRealBroker) func `rejected records whose messages are gone are not deleted by going back`() throws {
    try PipelineFixture.on(isKeyed: true) { stage in
      try stage.publish(["no row"])
      try stage.publish(0..<3)
      try stage.publish(["no row either"])
      #expect(try stage.consume("--exit-at-end", "-q").output.number("rejected") == 2)
      let admin = try KafkaAdmin.open(KafkaConfiguration(bootstrapServers: stage.servers))
      defer { admin.close() }
      try admin.deleteRecords(of: stage.topic, partition: 0, below: 2)
      let plan = try stage.netflix("offsets", "set", "--to", "beginning")
      #expect(plan.output.contains("reads 3 offsets again, deletes 1 rejected record\n"), "\(plan)")
      #expect(try stage.netflix("offsets", "set", "--to", "beginning", "--execute").status == 0)
      #expect(try stage.query("SELECT kafka_offset FROM netflix_rejected") == [["0"]])
      // The messages of a recreated topic are not those that were rejected.
      #expect(try stage.consume("--exit-at-end", "-q").output.number("rejected") == 1)
      try stage.deleteTopic()
      try stage.makeTopic(partitions: 1)
      try stage.publish(0..<2)
      let recreated = try stage.netflix("offsets", "set", "--to", "1", "--execute")
      #expect(recreated.status == 0 && recreated.errors.contains("is not the one that was read"), "\(recreated)")
      #expect(recreated.output.contains("  skips 1 offset\n"), "\(recreated)")
      #expect(try stage.count("netflix_rejected") == 2)
    }
  }

  @Test func `a table that keeps rejected records is 78, and what is advised helps`() throws {
    try PipelineFixture.on(isKeyed: true) { stage in
      try stage.publish([PipelineFixture.message(1), "no row"])
      #expect(try stage.consume("--exit-at-end", "-q").output.number("rejected") == 1)
      try stage.execute(
        """
        CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER keep BEFORE DELETE ON netflix_rejected FOR EACH ROW EXECUTE FUNCTION keep()
        """)
      for command in [
        ["rejects", "replay"], ["rejects", "replay", "--to-topic"], ["rejects", "purge", "--all"],
        ["offsets", "set", "--to", "beginning", "--execute"],
      ] {
        let result = try stage.netflix(command)
        #expect(result.status == 78 && result.errors.contains("ALTER TABLE netflix_rejected DISABLE TRIGGER keep;"), "\(command) \(result)")
      }
      #expect(try stage.count("netflix_rejected") == 1 && stage.stored() == "2")
      #expect(try contents(of: stage.topic, at: stage.servers).count == 2)
      try stage.execute("ALTER TABLE netflix_rejected DISABLE TRIGGER keep;")
      #expect(try stage.netflix("rejects", "purge", "--all").status == 0)
      #expect(try stage.count("netflix_rejected") == 0)
    }
  }

  @Test(.requiresRealBroker) func `if one message cannot be published none is, and no other run publishes them twice`() throws {
    try PipelineFixture.on { stage in
      try stage.publish(["no row", "no row either"])
      #expect(try stage.consume("--exit-at-end", "-q").output.number("rejected") == 2)
      try stage.execute(
        """
        INSERT INTO netflix_rejected (table_name, consumer_group, kafka_topic, kafka_partition, kafka_offset, payload, reason)
        SELECT table_name, consumer_group, kafka_topic, 0, 7, convert_to(repeat('x', 1500000), 'UTF8'), 'large' FROM netflix_rejected LIMIT 1
        """)
      for _ in 0..<2 {
        let result = try stage.netflix("rejects", "replay", "--to-topic")
        #expect(result.status == 65 && result.errors.contains("too large"), "\(result)")
      }
      #expect(try stage.count("netflix_rejected") == 3)
      #expect(try contents(of: stage.topic, at: stage.servers).count == 2)
    }
  }

  @Test func `the beginning and the end are places, and skipped messages do not land`() throws {
    try PipelineFixture.on { stage in
      try stage.publish(0..<5)
      #expect(try stage.consume("--exit-at-end", "-q").status == 0)
      try stage.publish(5..<8)
      let skip = try stage.netflix("offsets", "set", "--to", "end", "--execute")
      #expect(skip.status == 0 && skip.output.contains("skips 3 offsets"), "\(skip)")
      try stage.publish(8..<9)
      #expect(try stage.consume("--exit-at-end", "-q").output.number("received") == 1)
      #expect(try stage.value("SELECT string_agg(id::text, ' ' ORDER BY id) FROM rows") == "0 1 2 3 4 8")
      // Without a key rows would land twice.
      let refused = try stage.netflix("offsets", "set", "--to", "beginning", "--execute")
      #expect(refused.status == 78 && refused.errors.contains("would double their rows"), "\(refused)")
      #expect(try stage.stored() == "9")
      #expect(try stage.netflix("offsets", "set", "--to", "beginning").errors.contains("--execute also needs --force"))
      #expect(try stage.netflix("offsets", "set", "--to", "beginning", "--execute", "--force").status == 0)
      #expect(try stage.stored() == nil)
      #expect(try stage.consume("--exit-at-end", "-q").output.number("landed") == 9)
      #expect(try stage.count() == 15)
    }
  }

  @Test(arguments: [
    (["--to", "99"], 64, "offset 99 is not in partition 0"), (["--to", "0", "--partition", "77"], 64, "has no partition 77"),
    (["--to", "soon"], 64, "--to: 'soon' is not beginning, end, an offset, or a time"), ([], 64, "missing option --to"),
    (["--to", "end", "--force"], 64, "--force requires --execute"),
  ])
  func `a place that is not there is 64`(words: [String], status: Int32, text: String) throws {
    try PipelineFixture.on { stage in
      try stage.publish(0..<2)
      #expect(try stage.consume("--exit-at-end", "-q").status == 0)
      let result = try stage.netflix(["offsets", "set"] + words)
      #expect(result.status == status && result.errors.contains(text), "\(result)")
      #expect(try stage.stored() == "2")
    }
  }

  @Test(.requiresRealBroker) func `a time is the first message of that time or later`() throws {
    try PipelineFixture.on(isKeyed: true) { stage in
      try stage.makeTopic(partitions: 2)
      try stage.publish(0..<4, partitions: 2)
      // The next messages are of a later millisecond.
      let between = try #require(
        try stage.value("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC' + interval '2 ms', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"))
      usleep(10_000)
      try stage.publish([PipelineFixture.message(4), PipelineFixture.message(6)], partition: 0)
      #expect(try stage.consume("--exit-at-end", "-q").status == 0)
      let change = try stage.netflix("offsets", "set", "--to", between, "--execute", "--json")
      #expect(change.output.contains("{\"partition\":0,\"stored\":4,\"new\":2,\"repeated\":2,"), "\(change)")
      #expect(change.output.contains("{\"partition\":1,\"stored\":2,\"new\":2,\"repeated\":0,"), "\(change)")
      let all = try stage.netflix("offsets", "set", "--to", "2001-01-01", "--json")
      #expect(all.output.contains("{\"partition\":0,\"stored\":2,\"new\":0,"), "\(all)")
    }
  }

  /// One follower reads all the time, the other has nothing to read.
  @Test(.requiresRealBroker, .timeLimit(.minutes(5)), arguments: [true, false])
  func `a running follower continues from the new offsets, also while it is idle`(isKeyed: Bool) throws {
    try PipelineFixture.on(isKeyed: isKeyed) { stage in
      try stage.makeTopic(partitions: 2)
      try stage.publish(0..<10, partitions: 2)
      let follower = try stage.start("--batch-seconds", "0.05")
      try follower.wait(until: "it lands") { try stage.rows() == 10 }
      // Idle: rows that are deleted come again, those that stay are updated or doubled.
      try stage.execute("DELETE FROM rows WHERE id >= 6")
      let back = try stage.netflix("offsets", "set", "--to", "3", "--execute", "--force")
      #expect(back.status == 0, "\(back)")
      try follower.wait(until: "it reads four messages again") { try stage.rows() == 10 }
      #expect(follower.errors.contains("'netflix offsets set' changed them: continuing from there"))
      #expect(try stage.isWhole(10) == "whole")

      // Busy: it skips, and goes on behind the end.
      let producer = LiveProducer(stage, partitions: 2)
      try follower.wait(until: "it lands what is published") { try stage.rows() > 100 }
      for _ in 0..<3 { #expect(try stage.netflix("offsets", "set", "--to", "end", "--execute").status == 0) }
      _ = try producer.stop()
      try stage.publish([PipelineFixture.message(1_000_000)], partition: 1)
      try follower.wait(until: "the last message lands") { try stage.value("SELECT count(*) FROM rows WHERE id = 1000000") == "1" }
      #expect(try stage.value("SELECT count(*) - count(DISTINCT (kafka_partition, kafka_offset)) FROM rows") == "0")
      follower.signal(SIGTERM)
      #expect(try follower.wait().status == 0)
      #expect(try stage.netflix("status", "--json").output.number("lag") == 0)
    }
  }

  @Test(.requiresRealBroker, .timeLimit(.minutes(5)))
  func `a running follower notices the change of a partition without messages while another one is busy`() throws {
    try PipelineFixture.on { stage in
      try stage.makeTopic(partitions: 2)
      try stage.publish((2_000_000..<2_000_005).map(PipelineFixture.message), partition: 1)
      let follower = try stage.start("--batch-seconds", "0.05")
      try follower.wait(until: "it lands") { try stage.rows() == 5 }
      let producer = LiveProducer(stage, partitions: 1)
      try follower.wait(until: "the other partition is busy") { try stage.rows() > 50 }
      try stage.execute("DELETE FROM rows WHERE id >= 2000000")
      let back = try stage.netflix("offsets", "set", "--to", "beginning", "--partition", "1", "--execute", "--force")
      #expect(back.status == 0, "\(back)")
      try follower.wait(until: "its rows land again") { try stage.value("SELECT count(*) FROM rows WHERE id >= 2000000") == "5" }
      let count = try producer.stop()
      try follower.wait(until: "all rows land") { try stage.rows() == count + 5 }
      follower.signal(SIGTERM)
      #expect(try follower.wait().status == 0)
      #expect(try stage.value("SELECT count(DISTINCT id) FROM rows") == "\(count + 5)")
    }
  }

  @Test func `a change of offsets waits for a transaction that lands rows`() throws {
    try PipelineFixture.on(isKeyed: true) { stage in
      try stage.publish(0..<3)
      #expect(try stage.consume("--exit-at-end", "-q").status == 0)
      try stage.withConnection { other throws in
        // As a consumer does it: the shared lock, then the offset.
        try other.execute(
          """
          BEGIN; SELECT pg_advisory_xact_lock_shared(hashtextextended('netflix_offsets "public"."rows"', 0));
          UPDATE netflix_offsets SET next_offset = 2 WHERE kafka_partition = 0
          """)
        let change = try RunningProgram("netflix", stage.words(["offsets", "set", "--to", "1", "--partition", "0", "--execute", "--json"]))
        try change.wait(until: "it waits for the lock") {
          try stage.value(
            "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database WHERE datname = current_database() AND NOT granted")
            == "1"
        }
        try other.execute("COMMIT")
        let result = try change.wait()
        #expect(result.status == 0 && result.output.contains("\"stored\":2,\"new\":1,"), "\(result)")
      }
      #expect(try stage.stored() == "1")
    }
  }

  // MARK: rejects

  @Test func `list and show print reason, coordinates and content; purge deletes`() throws {
    try PipelineFixture.on { stage in
      try stage.publishBytes([
        (Array("k\u{1B}".utf8), Array("no \u{1B}[31mrow".utf8)), (nil, [0xFF, 0x0A]), (nil, Array("{\"id\":\"x\"}".utf8)), (nil, nil),
      ])
      #expect(try stage.netflix("rejects", "list").output.hasSuffix(": 0 rejected records\n"))
      #expect(try stage.consume("--exit-at-end", "-q").status == 0)
      let list = try stage.netflix("rejects", "list")
      #expect(list.status == 0 && list.output.contains(": 4 rejected records\n\npartition  offset  rejected at"), "\(list)")
      #expect(list.output.contains("\n        0       2  "))
      #expect(try stage.netflix("rejects", "list", "--limit", "1").errors == "3 more: --limit 4 lists them.\n")
      #expect(
        try stage.netflix("rejects", "list", "--reason", "tombstone", "--json").output.contains(
          "\"rejected\":1,\"records\":[{\"partition\":0,\"offset\":3,"))
      #expect(try stage.netflix("rejects", "list", "--since", "2999-01-01").output.contains(": 0 rejected records"))
      #expect(try stage.netflix("rejects", "list", "--since", "2001-01-01", "--json").output.contains("\"rejected\":4,"))
      #expect(try stage.netflix("rejects", "list", "--by-reason", "--json").output.contains("\"rejected\":4,\"reasons\":[{\"reason\":"))
      let show = try stage.netflix("rejects", "show", "--partition", "0", "--offset", "0")
      #expect(show.status == 0 && show.output.hasSuffix("\nkey          k\\u001b\npayload      no \\u001b[31mrow\n"), "\(show)")
      #expect(try stage.netflix("rejects", "purge", "--offset", "77").status == 66)
      let bytes = try stage.netflix("rejects", "show", "--partition", "0", "--offset", "1", "--json").output
      #expect(bytes.hasSuffix("\"key\":null,\"payload_hex\":\"ff0a\"}]}\n"), "\(bytes)")
      #expect(try stage.netflix("rejects", "show", "--partition", "0", "--offset", "9").status == 66)
      #expect(try stage.netflix("rejects", "purge").status == 64)
      #expect(try stage.netflix("rejects", "purge", "--all", "--offset", "1").status == 64)
      #expect(try stage.netflix("rejects", "purge", "--offset", "1", "--json").output.hasSuffix("\"deleted\":1}\n"))
      #expect(try stage.count("netflix_rejected") == 3)
      #expect(try stage.netflix("rejects", "purge", "--all").errors == "3 rejected records deleted\n")
      #expect(try stage.count("netflix_rejected") == 0)
    }
  }

  /// A wider type, and another date pattern.
  @Test(arguments: [true, false]) func `after the description was corrected replay lands what was rejected`(isKeyed: Bool) throws {
    try PipelineFixture.on(isKeyed: isKeyed) { stage in
      func describe(amount: String, day: String) throws {
        try stage.folder.write(
          "datapackage.json",
          """
          {"name":"rows","resources":[{"name":"rows","path":"rows.csv","schema":{"fields":[
          {"name":"id","type":"integer"},{"name":"amount","type":"\(amount)"},{"name":"day","type":"date"\(day)}]\
          \(isKeyed ? ",\"primaryKey\":\"id\"" : "")}}]}
          """)
      }
      try describe(amount: "integer", day: "")
      try stage.publish([
        "{\"id\":1,\"amount\":1,\"day\":\"2026-01-31\"}", "{\"id\":2,\"amount\":2.5,\"day\":\"2026-01-31\"}",
        "{\"id\":3,\"amount\":3,\"day\":\"31.01.2026\"}", "{\"id\":\"x\"}",
      ])
      #expect(try stage.consume("--exit-at-end", "-q").output.number("rejected") == 3)
      // The type of the column has to follow the description, as for the consumer.
      try describe(amount: "number", day: "")
      let refused = try stage.netflix("rejects", "replay")
      #expect(refused.status == 78 && refused.errors.contains("ALTER TABLE"), "\(refused)")
      #expect(try stage.count("netflix_rejected") == 3)
      try stage.execute(String(try #require(refused.errors.split(separator: "\n").first { $0.contains("ALTER TABLE") })))
      let wider = try stage.netflix("rejects", "replay", "--json")
      #expect(wider.status == 65 && wider.errors.contains("2 records are still rejected"), "\(wider)")
      #expect(wider.output.hasSuffix("\"replayed\":3,\"landed\":1,\"deleted\":0,\"rejected\":2}\n"), "\(wider)")
      try describe(amount: "number", day: ",\"format\":\"%d.%m.%Y\"")
      let dated = try stage.netflix("rejects", "replay", "--offset", "2")
      #expect(dated.status == 0 && dated.errors == "1 rejected record: 1 landed in rows\n", "\(dated)")
      #expect(
        try stage.value("SELECT string_agg(concat_ws(' ', id, amount, day, kafka_offset), ',' ORDER BY id) FROM rows")
          == "1 1 2026-01-31 0,2 2.5 2026-01-31 1,3 3 2026-01-31 2")
      #expect(try stage.query("SELECT kafka_offset FROM netflix_rejected") == [["3"]])
    }
  }

  @Test func `replay keeps a newer version of the same partition`() throws {
    try PipelineFixture.on(isKeyed: true) { stage in
      func message(_ id: Int, _ name: String, _ amount: String) -> String { "{\"id\":\(id),\"name\":\"\(name)\",\"amount\":\(amount)}" }
      try stage.execute("CREATE TABLE rows (id bigint PRIMARY KEY, name text, amount numeric CHECK (amount > 0))")
      // In one batch a newer version would hide an older one from the constraint.
      try stage.publish([message(1, "rejected", "-1"), message(2, "rejected", "-2"), message(3, "rejected", "-3")])
      #expect(try stage.consume("--exit-at-end", "-q").output.number("rejected") == 3)
      try stage.publish([message(1, "newer", "1")])
      try stage.publish([message(3, "of another partition", "3")], partition: 1)
      #expect(try stage.consume("--exit-at-end", "-q").output.number("landed") == 2)
      let still = try stage.netflix("rejects", "replay")
      #expect(still.status == 65 && still.errors.contains("3 records are still rejected"), "\(still)")
      // What Postgres says of each row does not keep the same reason from being one.
      let reasons = try stage.netflix("rejects", "list", "--by-reason").output
      #expect(reasons.contains("\n      3  refused by Postgres: ") && !reasons.contains("Failing row"), "\(reasons)")
      let shown = try stage.netflix("rejects", "show", "--partition", "0", "--offset", "1").output
      #expect(shown.contains("(SQLSTATE 23514)\n             Failing row contains (2, rejected, -2"), "\(shown)")
      try stage.execute("ALTER TABLE rows DROP CONSTRAINT rows_amount_check")
      let replay = try stage.netflix("rejects", "replay", "--json")
      #expect(replay.status == 0 && replay.output.number("landed") == 3, "\(replay)")
      #expect(
        try stage.value("SELECT string_agg(concat_ws(' ', id, name), ',' ORDER BY id) FROM rows") == "1 newer,2 rejected,3 rejected")
      #expect(try stage.count("netflix_rejected") == 0)
    }
  }

  @Test func `replay with --tombstones delete deletes the row of the key, unless it is newer`() throws {
    try PipelineFixture.on(isKeyed: true) { stage in
      try stage.publish([("1", PipelineFixture.message(1)), ("1", nil), ("2", nil), ("2", PipelineFixture.message(2))])
      #expect(try stage.consume("--exit-at-end", "-q").output.number("rejected") == 2)
      let replay = try stage.netflix("rejects", "replay", "--tombstones", "delete", "--json")
      #expect(replay.status == 0 && replay.output.number("deleted") == 2, "\(replay)")
      #expect(try stage.query("SELECT id FROM rows") == [["2"]])
    }
  }

  @Test func `replay --to-topic publishes the original bytes and key`() throws {
    try PipelineFixture.on { stage in
      try stage.publish([("key", "no row")])
      try stage.publish([(nil, "no row either"), ("gone", nil)], partition: 1)
      #expect(try stage.consume("--exit-at-end", "-q").output.number("rejected") == 3)
      let result = try stage.netflix("rejects", "replay", "--to-topic", "--json")
      #expect(result.status == 0 && result.output.number("published") == 3, "\(result)")
      #expect(try stage.count("netflix_rejected") == 0)
      let sent = try contents(of: stage.topic, at: stage.servers).map { "\($0.partition) \($0.offset) \($0.key ?? "-") \($0.value ?? "-")" }
      #expect(
        sent == [
          "0 0 key no row", "0 1 key no row", "1 0 - no row either", "1 1 gone -", "1 2 - no row either", "1 3 gone -",
        ])
      #expect(try stage.netflix("rejects", "replay", "--to-topic", "--tombstones", "delete").status == 64)
      // Without a broker nothing is deleted.
      #expect(try stage.consume("--exit-at-end", "-q").output.number("rejected") == 3)
      let down = try stage.netflix("rejects", "replay", "--to-topic", "--bootstrap-servers", "127.0.0.1:1", "--retry-seconds", "1")
      #expect(down.status == 69, "\(down)")
      #expect(try stage.count("netflix_rejected") == 3)
    }
  }

  @Test func `a replay that is killed lands no record twice and loses none`() throws {
    try PipelineFixture.on { stage in
      try stage.publish(["no row"])
      #expect(try stage.consume("--exit-at-end", "-q").status == 0)
      try stage.execute(
        """
        DELETE FROM netflix_rejected;
        INSERT INTO netflix_rejected SELECT 'rows', '\(stage.topic)', '\(stage.topic)', 0, i, NULL,
          convert_to('{"id":' || i || ',"name":"row ' || i || '","amount":' || i % 100 || '.25}', 'UTF8'), 'r' FROM generate_series(0, 9999) AS i
        """)
      for kill in 1...3 {
        let replay = try RunningProgram("netflix", stage.words(["rejects", "replay"]))
        try replay.wait(until: "it has landed some") { try stage.rows() >= 1000 * kill || !replay.isRunning }
        replay.signal(SIGKILL)
        _ = try replay.wait()
        // In one snapshot: the server may still be committing.
        #expect(try stage.value("SELECT (SELECT count(*) FROM rows) + (SELECT count(*) FROM netflix_rejected)") == "10000")
      }
      #expect(try stage.netflix("rejects", "replay").status == 0)
      #expect(try stage.isWhole(10_000) == "whole")
      #expect(try stage.count("netflix_rejected") == 0)
    }
  }

  @Test func `replay without a table or without rejected records changes nothing`() throws {
    try PipelineFixture.on { stage in
      #expect(try stage.netflix("rejects", "replay", "--json").output.number("replayed") == 0)
      #expect(try stage.value("SELECT to_regclass('rows')") == nil)
      try stage.publish(["no row"])
      #expect(try stage.consume("--exit-at-end", "-q").status == 0)
      try stage.execute("DROP TABLE rows")
      let result = try stage.netflix("rejects", "replay")
      #expect(result.status == 69 && result.errors.contains("table \"public\".\"rows\" does not exist"), "\(result)")
      #expect(try stage.count("netflix_rejected") == 1)
    }
  }
}

extension PipelineFixture {
  /// Runs a command of `netflix` about this topic, table and group.
  fileprivate func netflix(_ words: String...) throws -> ProgramResult { try netflix(words) }

  fileprivate func netflix(_ words: [String]) throws -> ProgramResult { try run("netflix", self.words(words)) }

  /// The words of a command, with the options of this topic; the test's own options follow, and override.
  fileprivate func words(_ words: [String]) -> [String] {
    let commands = words.prefix { !$0.hasPrefix("-") }
    return commands + arguments.filter { $0 != "--json" } + words.dropFirst(commands.count)
  }

  fileprivate func stored() throws -> String? { try value("SELECT next_offset FROM netflix_offsets WHERE kafka_partition = 0") }
}

import Dataset
import Kafka
import Postgres
import TestSupport
import Testing

@testable import Landing

/// docs/delivery.md, points 12 and 13: rejected records.
@Suite struct RejectTests {
  @Test func `an invalid record is stored unchanged with its reason, and the other records land`() throws {
    try PipelineFixture.on { pipeline in
      let bad: [[UInt8]?] = [
        Array("not json".utf8), Array("[1]".utf8), Array("{\"name\":\"no key\"}".utf8), Array("{\"id\":null}".utf8),
        Array("{\"id\":\"one\"}".utf8), Array("{\"id\":99999999999999999999}".utf8), Array("{\"id\":1,\"name\":\"a\\u0000b\"}".utf8),
        Array("{\"id\":1,\"name\":\"".utf8) + [0xFF] + Array("\"}".utf8), Array("{\"id\":1,\"name\":{\"x\":1}}".utf8), nil, [],
      ]
      var messages: [(key: [UInt8]?, value: [UInt8]?)] = []
      for (index, value) in bad.enumerated() {
        messages.append((Array("key \(index)".utf8), value))
        messages.append((nil, Array(Sample.message(100 + index).utf8)))
      }
      try pipeline.publishBytes(messages)
      #expect(try pipeline.land().counts == pipeline.summary(received: 22, rejected: 11))
      #expect(try pipeline.count() == 11)
      let rows = try pipeline.query(
        """
        SELECT table_name, consumer_group, kafka_topic, kafka_partition, kafka_offset, convert_from(key, 'UTF8'), encode(payload, 'hex')
        FROM netflix_rejected ORDER BY kafka_offset
        """)
      let hex = Array("0123456789abcdef")
      let expected: [[String?]] = bad.enumerated().map { index, value in
        [
          "sample", pipeline.topic, pipeline.topic, "0", "\(2 * index)", "key \(index)",
          value.map { $0.map { "\(hex[Int($0 >> 4)])\(hex[Int($0 & 15)])" }.joined() },
        ]
      }
      #expect(rows == expected)
      let reasons = try pipeline.query("SELECT reason FROM netflix_rejected ORDER BY kafka_offset").compactMap { $0[0] }
      #expect(reasons.count == 11)
      #expect(Set(reasons).count == 11, "\(reasons)")
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `what netflix_rejected refuses in turn is 78 with the statement that helps, and nothing is lost`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 1..<3)
      try pipeline.land()
      try pipeline.execute("ALTER TABLE netflix_rejected ADD CONSTRAINT none CHECK (reason = '')")
      try pipeline.publish([("3", Sample.message(3)), ("4", "no row")])
      let error = try #require(throws: SinkError.self) { try pipeline.land() }
      #expect(error.kind == .configuration && error.message.contains("23514"))
      try pipeline.execute(String(try #require(error.hint?.split(separator: "\n").last)))
      #expect(try pipeline.land().counts == pipeline.summary(received: 2, landed: 1, rejected: 1))
    }
  }

  @Test func `with --tombstones delete a tombstone deletes the row of its key`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 1..<5)
      try pipeline.land { $0.tombstones = .delete }
      try pipeline.publish([
        ("1", nil), ("2", nil), ("2", Sample.message(2, name: "back")), ("3", Sample.message(3, name: "gone")), ("3", nil), ("9", nil),
        ("x", nil), (nil, nil),
      ])
      #expect(
        try pipeline.land { $0.tombstones = .delete }.counts == pipeline.summary(received: 8, landed: 2, rejected: 2, deleted: 4))
      #expect(try pipeline.query("SELECT id, name FROM sample ORDER BY id") == [["2", "back"], ["4", "a"]])
      #expect(try pipeline.count("netflix_rejected") == 2)
    }
  }

  @Test func `a tombstone with a key of several columns deletes its row`() throws {
    try PipelineFixture.on(Sample.pair) { pipeline in
      try pipeline.publish([Sample.message(1, name: "a,b"), Sample.message(2, name: "a,b")])
      try pipeline.publish([("[\"a,b\",1]", nil)])
      #expect(try pipeline.land { $0.tombstones = .delete }.deleted == 1)
      #expect(try pipeline.query("SELECT id FROM sample") == [["2"]])
    }
  }

  @Test func `a user's CHECK rejects one of 30,000 rows, and the others land`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTables()
      try pipeline.execute("ALTER TABLE sample ADD CHECK (id <> 17017)")
      try pipeline.publish(ids: 0..<30_000)
      #expect(try pipeline.land().counts.withoutBatches == pipeline.summary(received: 30_000, rejected: 1, batches: 0))
      #expect(try pipeline.count() == 29_999)
      let row = try pipeline.query("SELECT kafka_offset, convert_from(payload, 'UTF8'), reason FROM netflix_rejected")
      #expect(row.map { $0.prefix(2) } == [["17017", Sample.message(17_017)]])
      #expect(row.first?[2]?.contains("violates check constraint \"sample_id_check\"") == true)
      #expect(try pipeline.land().received == 0)
    }
  }

  @Test func `without a key, too, only the invalid rows are rejected`() throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      try pipeline.makeTables()
      try pipeline.execute("ALTER TABLE sample ADD CHECK (id % 1000 <> 7)")
      try pipeline.publish(ids: 0..<5000)
      #expect(try pipeline.land().counts.withoutBatches == pipeline.summary(received: 5000, rejected: 5, batches: 0))
      #expect(try pipeline.value("SELECT count(*) || '/' || count(DISTINCT id) FROM sample") == "4995/4995")
    }
  }

  /// Messages are replayed, not merged rows: a rejected version must not remove an older one.
  @Test func `a rejected later version leaves the earlier one, and a version superseded within its part is not checked`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTables()
      try pipeline.execute("ALTER TABLE sample ADD CHECK (name <> 'bad')")
      try pipeline.publish([
        Sample.message(1, name: "good"), Sample.message(1, name: "bad"), Sample.message(2, name: "bad"), Sample.message(2, name: "good"),
      ])
      #expect(try pipeline.land().counts == pipeline.summary(received: 4, rejected: 1))
      #expect(try pipeline.query("SELECT id, name, kafka_offset FROM sample ORDER BY id") == [["1", "good", "0"], ["2", "good", "3"]])
    }
  }

  @Test func `messages are replayed in order: the later of two versions stays, even if records between them are rejected`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTables()
      try pipeline.execute("ALTER TABLE sample ADD CHECK (name <> 'bad')")
      try pipeline.publish([
        Sample.message(1, name: "first"), Sample.message(3, name: "bad"), Sample.message(1, name: "second"), Sample.message(2),
      ])
      #expect(try pipeline.land().counts == pipeline.summary(received: 4, rejected: 1))
      #expect(try pipeline.query("SELECT id, name, kafka_offset FROM sample ORDER BY id") == [["1", "second", "2"], ["2", "a", "3"]])
    }
  }

  /// A user's trigger fires once per row.
  @Test func `rows that landed with one part do not land again with the next`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTables()
      try pipeline.execute(
        """
        CREATE TABLE noted (id bigint);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO noted VALUES (new.id); RETURN NULL; END $$;
        CREATE TRIGGER note AFTER INSERT OR UPDATE ON sample FOR EACH ROW EXECUTE FUNCTION note();
        ALTER TABLE sample ADD CHECK (id <> 6)
        """)
      try pipeline.publish(ids: 0..<8)
      #expect(try pipeline.land().counts == pipeline.summary(received: 8, rejected: 1))
      #expect(try pipeline.value("SELECT string_agg(id::text, ' ' ORDER BY id) FROM noted") == "0 1 2 3 4 5 7")
    }
  }

  @Test func `a trigger's exception rejects only the message that caused it`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTables()
      try pipeline.execute(
        """
        CREATE FUNCTION veto() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF new.id = 3 THEN RAISE EXCEPTION 'not three'; END IF; RETURN new; END $$;
        CREATE TRIGGER veto BEFORE INSERT ON sample FOR EACH ROW EXECUTE FUNCTION veto()
        """)
      try pipeline.publish(ids: 0..<8)
      #expect(try pipeline.land().counts == pipeline.summary(received: 8, rejected: 1))
      #expect(try pipeline.value("SELECT reason FROM netflix_rejected") == "refused by Postgres: not three (SQLSTATE P0001)")
    }
  }

  @Test func `a foreign key that is checked at COMMIT is checked message by message in a replay`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTables()
      try pipeline.execute(
        """
        CREATE TABLE names (name text PRIMARY KEY); INSERT INTO names VALUES ('a');
        ALTER TABLE sample ADD FOREIGN KEY (name) REFERENCES names DEFERRABLE INITIALLY DEFERRED
        """)
      try pipeline.publish(ids: 0..<5)
      try pipeline.publish(ids: 5..<6, name: "unknown")
      try pipeline.publish(ids: 6..<9)
      #expect(try pipeline.land().counts == pipeline.summary(received: 9, rejected: 1))
      #expect(try pipeline.query("SELECT kafka_offset FROM netflix_rejected") == [["5"]])
    }
  }

  /// SET CONSTRAINTS cannot bring this error forward: a trigger raises it within COMMIT itself, in a transaction of any size.
  @Test func `an error that only COMMIT raises rejects the message that causes it`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTables()
      try pipeline.execute(
        """
        CREATE TABLE noted (id bigint);
        CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF new.id = 3 THEN RAISE EXCEPTION 'late no'; END IF; RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER late AFTER INSERT ON noted DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          SET CONSTRAINTS ALL DEFERRED; INSERT INTO noted VALUES (new.id); RETURN new; END $$;
        CREATE TRIGGER note BEFORE INSERT ON sample FOR EACH ROW EXECUTE FUNCTION note()
        """)
      try pipeline.publish(ids: 0..<6)
      #expect(try pipeline.land().counts.withoutBatches == pipeline.summary(received: 6, rejected: 1, batches: 0))
      #expect(try pipeline.query("SELECT kafka_offset FROM netflix_rejected") == [["3"]])
      #expect(try pipeline.count() == 5)
    }
  }

  // MARK: Errors that depend on the record

  /// Lands four messages. The third is rejected; the others must be in the table.
  private func expectThirdRejected(_ pipeline: PipelineFixture, reason: String, name: String = "bad") throws {
    try pipeline.publish([
      Sample.message(1), Sample.message(2), Sample.message(3, name: name), Sample.message(4),
    ])
    #expect(try pipeline.land { $0.retrySeconds = 1 }.counts.withoutBatches == pipeline.summary(received: 4, rejected: 1, batches: 0))
    #expect(try pipeline.query("SELECT id FROM sample ORDER BY id") == [["1"], ["2"], ["4"]])
    let row = try pipeline.query("SELECT kafka_offset, convert_from(payload, 'UTF8'), reason FROM netflix_rejected")
    #expect(row.map { $0.prefix(2) } == [["2", Sample.message(3, name: name)]])
    #expect(row.first?[2]?.contains(reason) == true, "\(row)")
    #expect(try pipeline.land().received == 0)
  }

  /// Text that compresses badly.
  private func longText(_ count: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    let letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return String((0..<count).map { _ in letters.randomElement(using: &generator) ?? "a" })
  }

  @Test(arguments: [true, false])
  func `a text that is too long for an index is rejected alone`(isKeyed: Bool) throws {
    try PipelineFixture.on(isKeyed ? Sample.keyed : Sample.keyless) { pipeline in
      try pipeline.makeTables()
      try pipeline.execute("CREATE INDEX ON sample (name)")
      try expectThirdRejected(pipeline, reason: "(SQLSTATE 54000)", name: longText(9000))
    }
  }

  @Test func `a key that is too long for the table's own index is rejected alone`() throws {
    try PipelineFixture.on(Sample.pair) { pipeline in
      try expectThirdRejected(pipeline, reason: "(SQLSTATE 54000)", name: longText(9000))
    }
  }

  /// Even the staging table rejects the row.
  @Test(arguments: [true, false])
  func `a row that is too large for a page is rejected alone`(isKeyed: Bool) throws {
    let columns = (0..<900).map { Field(header: "c\($0)", column: "c\($0)", type: .string) }
    let resource = Resource(name: "sample", path: "s.csv", fields: Sample.fields + columns, primaryKey: isKeyed ? [0] : [])
    try PipelineFixture.on(resource) { pipeline in
      func message(_ id: Int, _ text: String) -> String {
        "{\"id\":\(id)" + (0..<900).map { ",\"c\($0)\":\"\(text)\"" }.joined() + "}"
      }
      try pipeline.publish([message(1, "a"), message(2, "0123456789"), message(3, "b")])
      #expect(try pipeline.land().counts == pipeline.summary(received: 3, rejected: 1))
      #expect(try pipeline.query("SELECT id, c899 FROM sample ORDER BY id") == [["1", "a"], ["3", "b"]])
      #expect(try pipeline.value("SELECT reason FROM netflix_rejected")?.contains("row is too big") == true)
    }
  }

  /// A user-defined class, a missing table, a missing permission, an internal error, and an error that a retry could avoid.
  @Test(
    .timeLimit(.minutes(5)),
    arguments: ["AB001", "42P01", "0A000", "42501", "28000", "XX000", "54001", "40001", "57014", "53100", "57P03"])
  func `a record for which a trigger raises any SQLSTATE is rejected alone`(sqlstate: String) throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTables()
      try pipeline.execute(
        """
        CREATE FUNCTION veto() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF new.name = 'bad' THEN RAISE EXCEPTION 'not this one' USING ERRCODE = '\(sqlstate)'; END IF; RETURN new; END $$;
        CREATE TRIGGER veto BEFORE INSERT ON sample FOR EACH ROW EXECUTE FUNCTION veto()
        """)
      try expectThirdRejected(pipeline, reason: "refused by Postgres: not this one (SQLSTATE \(sqlstate))")
    }
  }

  @Test(arguments: ["AB001", "53100"])
  func `a record for which a trigger raises any SQLSTATE at COMMIT is rejected alone`(sqlstate: String) throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTables()
      try pipeline.execute(
        """
        CREATE TABLE noted (name text);
        CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF new.name = 'bad' THEN RAISE EXCEPTION 'late no' USING ERRCODE = '\(sqlstate)'; END IF; RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER late AFTER INSERT ON noted DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          SET CONSTRAINTS ALL DEFERRED; INSERT INTO noted VALUES (new.name); RETURN new; END $$;
        CREATE TRIGGER note BEFORE INSERT ON sample FOR EACH ROW EXECUTE FUNCTION note()
        """)
      try expectThirdRejected(pipeline, reason: "late no (SQLSTATE \(sqlstate))")
    }
  }

  /// Runs as a role that owns nothing and has these privileges, so that row-level security applies.
  private func withRole(_ pipeline: PipelineFixture, _ body: (String) throws -> Void) throws {
    let role = uniqueName("role")
    try pipeline.execute(
      """
      CREATE ROLE \(role); GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO \(role);
      GRANT USAGE ON SCHEMA public TO \(role)
      """)
    defer { try? pipeline.execute("DROP OWNED BY \(role); DROP ROLE \(role)") }
    try body(role)
  }

  private func land(_ pipeline: PipelineFixture, as role: String) throws -> SinkSummary {
    try pipeline.land { $0.database = "\(pipeline.url)\(pipeline.url.contains("?") ? "&" : "?")options=-c%20role%3D\(role)" }
  }

  /// COPY FROM does not support row-level security: rows without a key are inserted with INSERT, too.
  @Test(arguments: [true, false])
  func `under row-level security rows land, and a row that a policy does not allow is rejected alone`(isKeyed: Bool) throws {
    try PipelineFixture.on(isKeyed ? Sample.keyed : Sample.keyless) { pipeline in
      try pipeline.makeTables()
      try withRole(pipeline) { role in
        try pipeline.execute(
          """
          ALTER TABLE sample ENABLE ROW LEVEL SECURITY;
          CREATE POLICY good ON sample TO \(role) USING (true) WITH CHECK (name <> 'bad')
          """)
        try pipeline.publish([Sample.message(1), Sample.message(2, name: "bad"), Sample.message(3)])
        #expect(try land(pipeline, as: role).counts == pipeline.summary(received: 3, rejected: 1))
        #expect(try pipeline.query("SELECT id FROM sample ORDER BY id") == [["1"], ["3"]])
        #expect(try pipeline.value("SELECT reason FROM netflix_rejected")?.contains("row-level security policy") == true)
      }
    }
  }

  /// The first error starts isolation mode, the second one meets it there.
  @Test(
    arguments: [true, false], [("positive first", [2, 5]), ("busy first", [5, 2])])
  func `records with errors of both kinds are all rejected, in any order`(isKeyed: Bool, order: (name: String, ids: [Int])) throws {
    try PipelineFixture.on(isKeyed ? Sample.keyed : Sample.keyless) { pipeline in
      try pipeline.makeTables()
      try pipeline.execute(
        """
        ALTER TABLE sample ADD CONSTRAINT positive CHECK (id <> \(order.ids[0]));
        CREATE FUNCTION busy() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF new.id = \(order.ids[1]) THEN RAISE EXCEPTION 'busy' USING ERRCODE = '40001'; END IF; RETURN new; END $$;
        CREATE TRIGGER busy BEFORE INSERT ON sample FOR EACH ROW EXECUTE FUNCTION busy()
        """)
      try pipeline.publish(ids: 0..<8)
      let landed = try pipeline.land { $0.retrySeconds = 1 }
      #expect(landed.counts == pipeline.summary(received: 8, rejected: 2), "\(landed)")
      #expect(try pipeline.query("SELECT kafka_offset FROM netflix_rejected ORDER BY 1") == [["2"], ["5"]])
    }
  }

  @Test func `row-level security enabled while a follower runs changes how rows land, and rejects none`() throws {
    try PipelineFixture.on(Sample.keyless) { pipeline in
      try pipeline.makeTables()
      try withRole(pipeline) { role in
        try pipeline.publish(ids: 0..<1)
        let follower = BackgroundLanding(pipeline) {
          $0.exitAtEnd = false
          $0.database = "\(pipeline.url)\(pipeline.url.contains("?") ? "&" : "?")options=-c%20role%3D\(role)"
        }
        try wait(until: "it lands") { try pipeline.count() == 1 }
        try pipeline.execute("ALTER TABLE sample ENABLE ROW LEVEL SECURITY; CREATE POLICY all_of_it ON sample TO \(role) USING (true)")
        try pipeline.publish(ids: 1..<3)
        try wait(until: "the others land") { try pipeline.count() == 3 }
        follower.stop()
        #expect(try follower.wait().rejected == 0)
      }
    }
  }

  /// A collation in which two keys are equal: in the staging table they are different, in the table they are not.
  @Test func `two keys that are equal in the table land one after the other, and none is rejected`() throws {
    try PipelineFixture.on(Sample.pair) { pipeline in
      try pipeline.execute(
        """
        CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE TABLE sample (id bigint, name text COLLATE blind, amount numeric, PRIMARY KEY (id, name))
        """)
      try pipeline.publish([Sample.message(1, name: "A"), Sample.message(1, name: "a", amount: "2"), Sample.message(2, name: "b")])
      #expect(try pipeline.land().counts == pipeline.summary(received: 3))
      #expect(try pipeline.query("SELECT id, amount, kafka_offset FROM sample ORDER BY id") == [["1", "2", "1"], ["2", "1.50", "2"]])
      #expect(try pipeline.count("netflix_rejected") == 0)
    }
  }

  @Test func `if a trigger makes two keys equal, the later version lands`() throws {
    try PipelineFixture.on(Sample.pair) { pipeline in
      try pipeline.makeTables()
      try pipeline.execute(
        """
        CREATE FUNCTION lower_name() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.name := lower(new.name); RETURN new; END $$;
        CREATE TRIGGER lower_name BEFORE INSERT ON sample FOR EACH ROW EXECUTE FUNCTION lower_name()
        """)
      try pipeline.publish([Sample.message(1, name: "A"), Sample.message(1, name: "a", amount: "2"), Sample.message(2, name: "B")])
      #expect(try pipeline.land().counts == pipeline.summary(received: 3))
      #expect(try pipeline.query("SELECT id, name, amount FROM sample ORDER BY id") == [["1", "a", "2"], ["2", "b", "1.50"]])
    }
  }

  /// Messages of several partitions interleave in a batch, and their offsets overlap.
  @Test func `invalid records in several partitions are found by partition and offset, also among tombstones`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTables()
      try pipeline.execute("ALTER TABLE sample ADD CHECK (name <> 'bad')")
      try pipeline.publish(ids: 0..<40)
      try pipeline.land { $0.tombstones = .delete }
      for partition in 0..<Int32(2) {
        try pipeline.publish(
          (0..<20).map { index in
            let id = Int(partition) * 20 + index
            return ("\(id)", index % 5 == 0 ? nil : Sample.message(id, name: index % 3 == 0 ? "bad" : "good"))
          }, partition: partition)
      }
      // Of 0..<20: four tombstones (0, 5, 10, 15), and 3, 6, 9, 12, 18 are invalid.
      #expect(
        try pipeline.land { $0.tombstones = .delete }.counts.withoutBatches
          == pipeline.summary(received: 40, rejected: 10, deleted: 8, batches: 0))
      #expect(try pipeline.value("SELECT count(*) FILTER (WHERE name = 'good') || '/' || count(*) FROM sample") == "22/32")
      #expect(
        try pipeline.value("SELECT string_agg(DISTINCT convert_from(key, 'UTF8')::int % 20 || '', ' ') FROM netflix_rejected")
          == "12 18 3 6 9")
    }
  }

  // MARK: Errors that do not depend on the record

  @Test func `a statement-level trigger that always raises stops the run, and rejects nothing`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTables()
      try pipeline.execute(
        """
        CREATE FUNCTION closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'closed'; END $$;
        CREATE TRIGGER closed BEFORE INSERT ON sample FOR EACH STATEMENT EXECUTE FUNCTION closed()
        """)
      try pipeline.publish(ids: 0..<3)
      let error = try #require(throws: PostgresError.self) { try pipeline.land() }
      #expect(error.kind == .internal && error.sqlstate == "P0001" && error.message == "closed, without any record, too")
      #expect(try pipeline.count("netflix_rejected") == 0)
      try pipeline.execute("DROP TRIGGER closed ON sample")
      #expect(try pipeline.land().counts == pipeline.summary(received: 3))
    }
  }

  @Test func `a missing INSERT privilege stops the run, and rejects nothing`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTables()
      try withRole(pipeline) { role in
        try pipeline.execute("REVOKE UPDATE ON sample FROM \(role)")
        try pipeline.publish(ids: 0..<3)
        let error = try #require(throws: PostgresError.self) { try land(pipeline, as: role) }
        #expect(error.kind == .unauthorized && error.sqlstate == "42501")
        #expect(try pipeline.count("netflix_rejected") == 0)
      }
    }
  }

  /// If every COMMIT fails, isolating the record would never end.
  @Test(.timeLimit(.minutes(5))) func `an error at COMMIT that no record causes stops the run`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.makeTables()
      try pipeline.execute(
        """
        CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'never'; END $$;
        CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON netflix_offsets DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION late();
        CREATE FUNCTION defer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN SET CONSTRAINTS ALL DEFERRED; RETURN new; END $$;
        CREATE TRIGGER defer BEFORE UPDATE ON netflix_offsets FOR EACH ROW EXECUTE FUNCTION defer();
        CREATE TRIGGER defer BEFORE INSERT ON netflix_rejected FOR EACH ROW EXECUTE FUNCTION defer()
        """)
      try pipeline.publish(ids: 0..<3)
      let error = try #require(throws: PostgresError.self) { try pipeline.land() }
      #expect(error.kind == .internal && error.message.hasPrefix("never"))
      #expect(try pipeline.count("netflix_rejected") == 0)
    }
  }

  /// It looks like an outage, so nothing is rejected; what else is in the batch lands.
  @Test(arguments: [true, false])
  func `a record whose trigger ends the session is named by its place, and the records before it land`(isKeyed: Bool) throws {
    try PipelineFixture.on(isKeyed ? Sample.keyed : Sample.keyless) { pipeline in
      try pipeline.makeTables()
      try pipeline.execute(
        """
        CREATE FUNCTION kill() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF new.id = 7 THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(10); END IF; RETURN new; END $$;
        CREATE TRIGGER kill BEFORE INSERT ON sample FOR EACH ROW EXECUTE FUNCTION kill()
        """)
      try pipeline.publish(ids: 0..<20)
      let error = try #require(throws: SinkError.self) { try pipeline.land { $0.retrySeconds = 3 } }
      #expect(error.kind == .unavailable && error.message.contains("57P01"), "\(error)")
      #expect(error.message.hasSuffix("topic \(pipeline.topic), partition 0, offset 7"), "\(error)")
      #expect(try pipeline.query("SELECT max(id), count(*) FROM sample") == [["6", "7"]])
      #expect(try pipeline.count("netflix_rejected") == 0)
      try pipeline.execute("DROP TRIGGER kill ON sample")
      try pipeline.land()
      #expect(try pipeline.query("SELECT count(*), count(DISTINCT id) FROM sample") == [["20", "20"]])
    }
  }

  /// Its replay finds a single message that fails, and without it the statement succeeds: the lock is to blame all the same.
  @Test func `a row that another session keeps locked ends the run, and rejects nothing`() throws {
    try PipelineFixture.on { pipeline in
      try pipeline.publish(ids: 0..<3)
      try pipeline.land()
      try pipeline.publish(ids: 0..<3, name: "b")
      try pipeline.withConnection { other throws in
        try other.execute("BEGIN; SELECT 1 FROM sample WHERE id = 1 FOR UPDATE")
        let start = ContinuousClock.now
        let error = try #require(throws: PostgresError.self) { try pipeline.land { $0.retrySeconds = 1 } }
        #expect(error.kind == .transient && error.sqlstate == "55P03")
        // A replay could reject nothing for a lock, and would wait for it again.
        #expect(ContinuousClock.now - start < .seconds(9))
        try other.execute("ROLLBACK")
      }
      #expect(try pipeline.count("netflix_rejected") == 0)
      #expect(try pipeline.land().counts == pipeline.summary(received: 3))
    }
  }
}

extension PipelineFixture {
  /// Creates the tables, as a first run does.
  func makeTables() throws {
    let store = try PostgresStore(options: options, resource: resource, log: .silent)
    defer { store.close() }
    try store.ensureSchema()
  }
}

extension SinkSummary {
  var withoutBatches: SinkSummary {
    var copy = self
    copy.batches = 0
    return copy
  }
}

import Dataset
import Kafka
import Postgres
import TestSupport
import Testing

@testable import Landing

/// DELIVERY, «What cannot be a row»: 12 and 13.
@Suite struct RejectTests {
  @Test func `what cannot be a row is set aside as it came, with its reason, and the rest lands`() throws {
    try Journey.on { journey in
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
      try journey.publishBytes(messages)
      #expect(try journey.land().counts == journey.summary(received: 22, rejected: 11))
      #expect(try journey.count() == 11)
      let rows = try journey.query(
        """
        SELECT table_name, consumer_group, topic, partition, message_offset, convert_from(key, 'UTF8'), encode(payload, 'hex')
        FROM netflix_rejected ORDER BY message_offset
        """)
      let hex = Array("0123456789abcdef")
      let expected: [[String?]] = bad.enumerated().map { index, value in
        [
          "sample", journey.topic, journey.topic, "0", "\(2 * index)", "key \(index)",
          value.map { $0.map { "\(hex[Int($0 >> 4)])\(hex[Int($0 & 15)])" }.joined() },
        ]
      }
      #expect(rows == expected)
      let reasons = try journey.query("SELECT reason FROM netflix_rejected ORDER BY message_offset").compactMap { $0[0] }
      #expect(reasons.count == 11)
      #expect(Set(reasons).count == 11, "\(reasons)")
    }
  }

  @Test(.timeLimit(.minutes(2)))
  func `what the table of rejects refuses in turn ends the run with the server's words, and nothing is lost`() throws {
    try Journey.on { journey in
      try journey.publish(ids: 1..<3)
      try journey.land()
      try journey.execute("ALTER TABLE netflix_rejected ADD CONSTRAINT none CHECK (reason = '')")
      try journey.publish([("3", Sample.message(3)), ("4", "no row")])
      let error = try #require(throws: PostgresError.self) { try journey.land() }
      #expect(error.kind == .other && error.sqlstate == "23514")
      #expect(error.message.hasPrefix("the table of what is set aside refuses it: "))
      try journey.execute("ALTER TABLE netflix_rejected DROP CONSTRAINT none")
      #expect(try journey.land().counts == journey.summary(received: 2, landed: 1, rejected: 1))
    }
  }

  @Test func `a tombstone deletes the row of its key where that is asked for`() throws {
    try Journey.on { journey in
      try journey.publish(ids: 1..<5)
      try journey.land { $0.tombstones = .delete }
      try journey.publish([
        ("1", nil), ("2", nil), ("2", Sample.message(2, name: "back")), ("3", Sample.message(3, name: "gone")), ("3", nil), ("9", nil),
        ("x", nil), (nil, nil),
      ])
      #expect(
        try journey.land { $0.tombstones = .delete }.counts == journey.summary(received: 8, landed: 2, rejected: 2, deleted: 4))
      #expect(try journey.query("SELECT id, name FROM sample ORDER BY id") == [["2", "back"], ["4", "a"]])
      #expect(try journey.count("netflix_rejected") == 2)
    }
  }

  @Test func `a tombstone of a key of several columns deletes its row`() throws {
    try Journey.on(Sample.pair) { journey in
      try journey.publish([Sample.message(1, name: "a,b"), Sample.message(2, name: "a,b")])
      try journey.publish([("[\"a,b\",1]", nil)])
      #expect(try journey.land { $0.tombstones = .delete }.deleted == 1)
      #expect(try journey.query("SELECT id FROM sample") == [["2"]])
    }
  }

  @Test func `one of 30,000 rows that a CHECK of a user's refuses is set aside alone`() throws {
    try Journey.on { journey in
      try journey.makeTables()
      try journey.execute("ALTER TABLE sample ADD CHECK (id <> 17017)")
      try journey.publish(ids: 0..<30_000)
      #expect(try journey.land().counts.withoutBatches == journey.summary(received: 30_000, rejected: 1, batches: 0))
      #expect(try journey.count() == 29_999)
      let row = try journey.query("SELECT message_offset, convert_from(payload, 'UTF8'), reason FROM netflix_rejected")
      #expect(row.map { $0.prefix(2) } == [["17017", Sample.message(17_017)]])
      #expect(row.first?[2]?.contains("violates check constraint \"sample_id_check\"") == true)
      #expect(try journey.land().received == 0)
    }
  }

  @Test func `without a key, too, only the offenders are set aside`() throws {
    try Journey.on(Sample.keyless) { journey in
      try journey.makeTables()
      try journey.execute("ALTER TABLE sample ADD CHECK (id % 1000 <> 7)")
      try journey.publish(ids: 0..<5000)
      #expect(try journey.land().counts.withoutBatches == journey.summary(received: 5000, rejected: 5, batches: 0))
      #expect(try journey.value("SELECT count(*) || '/' || count(DISTINCT id) FROM sample") == "4995/4995")
    }
  }

  /// The messages, not the folded rows: a version that is refused must not take an older one with it.
  @Test func `a later version that is refused leaves the earlier one, and one that is superseded at once is not asked about`() throws {
    try Journey.on { journey in
      try journey.makeTables()
      try journey.execute("ALTER TABLE sample ADD CHECK (name <> 'bad')")
      try journey.publish([
        Sample.message(1, name: "good"), Sample.message(1, name: "bad"), Sample.message(2, name: "bad"), Sample.message(2, name: "good"),
      ])
      #expect(try journey.land().counts == journey.summary(received: 4, rejected: 1))
      #expect(try journey.query("SELECT id, name, kafka_offset FROM sample ORDER BY id") == [["1", "good", "0"], ["2", "good", "3"]])
    }
  }

  @Test func `messages are looked at in their order: of two versions the later one stays, whatever is refused between them`() throws {
    try Journey.on { journey in
      try journey.makeTables()
      try journey.execute("ALTER TABLE sample ADD CHECK (name <> 'bad')")
      try journey.publish([
        Sample.message(1, name: "first"), Sample.message(3, name: "bad"), Sample.message(1, name: "second"), Sample.message(2),
      ])
      #expect(try journey.land().counts == journey.summary(received: 4, rejected: 1))
      #expect(try journey.query("SELECT id, name, kafka_offset FROM sample ORDER BY id") == [["1", "second", "2"], ["2", "a", "3"]])
    }
  }

  /// What a user's trigger does for a row, it does once.
  @Test func `what has landed in one piece does not land again with the next`() throws {
    try Journey.on { journey in
      try journey.makeTables()
      try journey.execute(
        """
        CREATE TABLE noted (id bigint);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO noted VALUES (new.id); RETURN NULL; END $$;
        CREATE TRIGGER note AFTER INSERT OR UPDATE ON sample FOR EACH ROW EXECUTE FUNCTION note();
        ALTER TABLE sample ADD CHECK (id <> 6)
        """)
      try journey.publish(ids: 0..<8)
      #expect(try journey.land().counts == journey.summary(received: 8, rejected: 1))
      #expect(try journey.value("SELECT string_agg(id::text, ' ' ORDER BY id) FROM noted") == "0 1 2 3 4 5 7")
    }
  }

  @Test func `a trigger's exception is the server's no to one message`() throws {
    try Journey.on { journey in
      try journey.makeTables()
      try journey.execute(
        """
        CREATE FUNCTION veto() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF new.id = 3 THEN RAISE EXCEPTION 'not three'; END IF; RETURN new; END $$;
        CREATE TRIGGER veto BEFORE INSERT ON sample FOR EACH ROW EXECUTE FUNCTION veto()
        """)
      try journey.publish(ids: 0..<8)
      #expect(try journey.land().counts == journey.summary(received: 8, rejected: 1))
      #expect(try journey.value("SELECT reason FROM netflix_rejected") == "refused by Postgres: not three (SQLSTATE P0001)")
    }
  }

  @Test func `a foreign key that is checked at COMMIT is looked at message by message`() throws {
    try Journey.on { journey in
      try journey.makeTables()
      try journey.execute(
        """
        CREATE TABLE names (name text PRIMARY KEY); INSERT INTO names VALUES ('a');
        ALTER TABLE sample ADD FOREIGN KEY (name) REFERENCES names DEFERRABLE INITIALLY DEFERRED
        """)
      try journey.publish(ids: 0..<5)
      try journey.publish(ids: 5..<6, name: "unknown")
      try journey.publish(ids: 6..<9)
      #expect(try journey.land().counts == journey.summary(received: 9, rejected: 1))
      #expect(try journey.query("SELECT message_offset FROM netflix_rejected") == [["5"]])
    }
  }

  /// What no SET CONSTRAINTS brings forward: a trigger that raises within COMMIT itself, in a transaction of whatever size.
  @Test func `a refusal that only COMMIT can tell ends at the message that causes it`() throws {
    try Journey.on { journey in
      try journey.makeTables()
      try journey.execute(
        """
        CREATE TABLE noted (id bigint);
        CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF new.id = 3 THEN RAISE EXCEPTION 'late no'; END IF; RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER late AFTER INSERT ON noted DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          SET CONSTRAINTS ALL DEFERRED; INSERT INTO noted VALUES (new.id); RETURN new; END $$;
        CREATE TRIGGER note BEFORE INSERT ON sample FOR EACH ROW EXECUTE FUNCTION note()
        """)
      try journey.publish(ids: 0..<6)
      #expect(try journey.land().counts.withoutBatches == journey.summary(received: 6, rejected: 1, batches: 0))
      #expect(try journey.query("SELECT message_offset FROM netflix_rejected") == [["3"]])
      #expect(try journey.count() == 5)
    }
  }
}

extension Journey {
  /// Makes the tables, as a first run does.
  func makeTables() throws {
    let store = try Store(options: options, resource: resource, log: .silent)
    defer { store.close() }
    try store.prepare()
  }
}

extension LandingSummary {
  var withoutBatches: LandingSummary {
    var copy = self
    copy.batches = 0
    return copy
  }
}

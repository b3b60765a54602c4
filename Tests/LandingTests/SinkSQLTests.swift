import Dataset
import Testing

@testable import Landing

@Suite struct SinkSQLTests {
  private func sql(_ key: [Int] = [0], deletes: Bool = false) throws -> SinkSQL {
    let resource = key.isEmpty ? Sample.keyless : Sample.keyed
    let names = SinkSQL.Names(
      table: "s.\"sample\"", offsets: "s.netflix_offsets", rejected: "s.netflix_rejected", qualifiedName: "'s.\"sample\"'",
      channel: "\"sample\"",
      tableName: "'sample'",
      group: "'g'", topic: "'t'", columns: ["id": "\"id\"", "name": "\"name\"", "amount": "\"amount\""])
    return SinkSQL(tableSchema: try TableSchema(resource), names: names, deletes: deletes)
  }

  @Test func `the table has the description's columns, the lineage columns and the key`() throws {
    #expect(
      try sql().createTable == """
        CREATE TABLE s."sample" (
          "id" bigint,
          "name" text,
          "amount" numeric,
          kafka_topic text NOT NULL,
          kafka_partition integer NOT NULL,
          kafka_offset bigint NOT NULL,
          landed_at timestamp with time zone NOT NULL DEFAULT now(),
          PRIMARY KEY ("id")
        )
        """)
    #expect(try !sql([]).createTable.contains("PRIMARY KEY"))
  }

  @Test func `the upsert takes the last version of each key, in key order`() throws {
    #expect(
      try sql().insertStaged() == """
        INSERT INTO s."sample" ("id", "name", "amount", kafka_topic, kafka_partition, kafka_offset, landed_at)
        OVERRIDING SYSTEM VALUE
        SELECT "id", "name", "amount", kafka_topic, kafka_partition, kafka_offset, now()
        FROM (SELECT DISTINCT ON ("id") * FROM pg_temp.netflix_stage ORDER BY "id", kafka_offset DESC) AS latest
        ORDER BY "id"
        ON CONFLICT ("id") DO UPDATE SET "name" = excluded."name", "amount" = excluded."amount", kafka_topic = excluded.kafka_topic, \
        kafka_partition = excluded.kafka_partition, kafka_offset = excluded.kafka_offset, landed_at = excluded.landed_at
        """)
  }

  @Test func `a row of a later offset of the same partition stays when rejected records land again`() throws {
    var sql = try sql(deletes: true)
    #expect(!sql.insertStaged().contains("DISTINCT FROM"))
    sql.keepsNewer = true
    #expect(
      sql.insertStaged().hasSuffix(
        " WHERE (s.\"sample\".kafka_topic, s.\"sample\".kafka_partition) IS DISTINCT FROM (excluded.kafka_topic, excluded.kafka_partition) "
          + "OR s.\"sample\".kafka_offset <= excluded.kafka_offset"))
    #expect(
      sql.deleteTombstoned().hasSuffix(
        " AND ((row.kafka_topic, row.kafka_partition) IS DISTINCT FROM (latest.kafka_topic, latest.kafka_partition) "
          + "OR row.kafka_offset <= latest.kafka_offset)"))
  }

  @Test func `a part of the staged rows is a range of offsets per partition`() throws {
    let part: SinkSQL.OffsetRanges = [2: 5...9, 0: 7...7]
    let condition = "WHERE kafka_partition = 0 AND kafka_offset BETWEEN 7 AND 7 OR kafka_partition = 2 AND kafka_offset BETWEEN 5 AND 9"
    #expect(try sql().insertStaged(part).contains("FROM pg_temp.netflix_stage \(condition) ORDER BY \"id\", kafka_offset DESC"))
    #expect(try sql(deletes: true).deleteTombstoned(part).contains("FROM pg_temp.netflix_stage \(condition) ORDER BY"))
    #expect(try sql().insertStaged([:]).contains("FROM pg_temp.netflix_stage WHERE false ORDER BY"))
    #expect(try sql([]).insertStaged(part).hasSuffix("FROM pg_temp.netflix_stage \(condition)"))
  }

  @Test func `offsets advance only from the expected value`() throws {
    let commits = [
      OffsetCommit(partition: 0, expected: nil, next: 5, last: OffsetCommit.LastRecord(offset: 4, timestamp: 9)),
      OffsetCommit(partition: 1, expected: 2, next: 3, last: nil),
    ]
    #expect(
      try sql().advanceOffsets(commits, cluster: "'c'") == """
        UPDATE s.netflix_offsets AS stored
        SET next_offset = commits.next, cluster_id = 'c', updated_at = now(),
          kafka_offset = coalesce(commits.last_offset, stored.kafka_offset), last_timestamp = coalesce(commits.last_timestamp, stored.last_timestamp)
        FROM (VALUES (0, NULL::bigint, 5::bigint, 4::bigint, 9::bigint), (1, 2::bigint, 3::bigint, NULL::bigint, NULL::bigint)) \
        AS commits (number, expected, next, last_offset, last_timestamp)
        WHERE table_name = 'sample' AND consumer_group = 'g' AND kafka_topic = 't' AND stored.kafka_partition = commits.number \
        AND stored.next_offset IS NOT DISTINCT FROM commits.expected
        """)
    #expect(
      try sql().lockOffsets([2, 0]) == """
        SELECT kafka_partition, next_offset FROM s.netflix_offsets
        WHERE table_name = 'sample' AND consumer_group = 'g' AND kafka_topic = 't' AND kafka_partition IN (0, 2) ORDER BY kafka_partition FOR UPDATE
        """)
  }

  @Test func `a column name that the lineage uses, or that Postgres would truncate, is rejected`() {
    let clash = Resource(
      name: "s", path: "s.csv", fields: [Field(header: "x", column: "kafka_offset", type: .string)])
    #expect(
      throws: SinkError(
        .configuration, "column kafka_offset is reserved: the consumer adds it", hint: "give the field another column name")
    ) { try TableSchema(clash) }
    let name = String(repeating: "x", count: 64)
    let long = Resource(name: "s", path: "s.csv", fields: [Field(header: "x", column: name, type: .string)])
    #expect(
      throws: SinkError(
        .configuration, "the name of column \(name) is longer than Postgres's limit of 63 bytes",
        hint: "give the field a shorter column name")
    ) { try TableSchema(long) }
  }
}

import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

/// Behind PgBouncer with transaction pooling, where settings and temporary tables do not survive a transaction.
@Suite(.requiresPgBouncer) struct ConsumerPoolerTests {
  /// Three tables with different types of a column, so that the test would fail with the staging table of another consumer.
  @Test(.timeLimit(.minutes(5)))
  func `more clients than sessions land all of their rows, and leave no state in the sessions of others`() throws {
    try withDatabase { url in
      try withBroker { servers in
        try withTemporaryFolder { folder in
          let pooler = try PgBouncer(url, mode: "transaction", sessions: 3, in: folder)
          let neighbors = try Neighbors(2, at: pooler.address)
          defer { neighbors.stop() }
          let stages = try ["number", "integer", "string"].map { type in
            try folder.write(
              "\(type).json",
              """
              {"name":"rows","resources":[{"name":"rows","path":"rows.csv","schema":{"fields":[
              {"name":"id","type":"integer"},{"name":"amount","type":"\(type)"}],"primaryKey":"id"}}]}
              """)
            let stage = PipelineFixture(servers: servers, url: url, folder: folder, table: "rows_\(type)")
            try stage.query(
              "CREATE TABLE \(stage.table) (id bigint PRIMARY KEY, amount \(["number": "numeric", "integer": "bigint"][type] ?? "text"))")
            // One record is rejected, so that its batch is replayed in isolation mode.
            try stage.query("ALTER TABLE \(stage.table) ADD CHECK (id <> 777)")
            let quote = type == "string" ? "\"" : ""
            try stage.publish((0..<1000).map { "{\"id\":\($0),\"amount\":\(quote)\($0)\(quote)}" })
            return (stage, "\(folder.path)/\(type).json")
          }
          let programs = try stages.map { stage, file in
            try stage.start("--exit-at-end", "--batch-rows", "50", "--dataset", file, database: pooler.address)
          }
          for (program, (stage, _)) in zip(programs, stages) {
            let result = try program.wait()
            #expect(result.status == 0, "\(result)")
            #expect(result.output.number("landed") == 999 && result.output.number("rejected") == 1, "\(result)")
            #expect(
              try stage.value("SELECT count(*) || '/' || count(DISTINCT id) || '/' || sum(amount::int) FROM \(stage.table)")
                == "999/999/\(999 * 500 - 777)")
          }
          let connection = try PostgresConnection.open(pooler.address, applicationName: "tests")
          defer { connection.close() }
          #expect(connection.isPooled)
          #expect(try connection.query("SELECT count(*) FROM pg_class WHERE relname = 'netflix_stage'").firstValue == "0")
          for setting in ["lock_timeout", "idle_in_transaction_session_timeout"] {
            #expect(try connection.query("SHOW \(setting)").firstValue == "0")
          }
          // Within a transaction the settings apply.
          #expect(try connection.transaction { try $0.query("SHOW lock_timeout").firstValue } == "5s")
        }
      }
    }
  }
  @Test func `statement pooling is 78, and the mode that is advised works`() throws {
    try PipelineFixture.on { stage in
      try stage.publish(0..<5)
      let pooler = try PgBouncer(stage.url, mode: "statement", in: stage.folder)
      let result = try stage.consume("--exit-at-end", "--database", pooler.address)
      #expect(result.status == 78, "\(result)")
      let hint = try #require(result.errors.firstMatch(of: /pool_mode = (\w+) \(or (\w+)\)/))
      for mode in [hint.1, hint.2] {
        let pooler = try PgBouncer(stage.url, mode: String(mode), in: stage.folder)
        #expect(try stage.consume("--exit-at-end", "--database", pooler.address).status == 0)
      }
      #expect(try stage.rows() == 5)
    }
  }

}

/// Other busy clients of the pooler: they use its sessions in turn.
private final class Neighbors: Sendable {
  private let isStopped = Mutex(false)

  init(_ count: Int, at url: String) throws {
    for _ in 0..<count {
      let connection = try PostgresConnection.open(url, applicationName: "tests")
      nonisolated(unsafe) let mine = connection
      Thread.detachNewThread { [self] in
        while !isStopped.withLock({ $0 }) { _ = try? mine.query("SELECT count(*) FROM pg_class") }
        mine.close()
      }
    }
  }

  func stop() { isStopped.withLock { $0 = true } }
}

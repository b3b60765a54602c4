import DevServices
import Foundation
import Postgres
import Testing

@Suite struct TransactionTests {
  struct GaveUp: Error {}

  @Test func `a failed transaction leaves no rows`() throws {
    let connection = try PostgresServer.open()
    defer { connection.close() }
    try connection.execute("CREATE TEMP TABLE t (a int)")
    let value = try connection.transaction { try $0.execute("INSERT INTO t VALUES (1)") }
    #expect(value == 1)
    #expect(throws: GaveUp.self) {
      try connection.transaction { connection in
        try connection.execute("INSERT INTO t VALUES (2)")
        throw GaveUp()
      }
    }
    #expect(try connection.query("SELECT a FROM t").rows == [["1"]])
    #expect(connection.isInTransaction == false)
  }

  @Test func `a COMMIT that the server turned into a ROLLBACK is an error`() throws {
    let connection = try PostgresServer.open()
    defer { connection.close() }
    let error = try postgresError { try connection.transaction { connection in _ = try? connection.execute("SELECT 1/0") } }
    #expect(error?.sqlstate == "25P02")
    #expect(error?.commitOutcomeUnknown == false)
  }

  @Test func `a constraint that fails at COMMIT is a data error`() throws {
    let connection = try PostgresServer.open()
    defer { connection.close() }
    try connection.execute("CREATE TEMP TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    let error = try postgresError { try connection.transaction { _ = try $0.execute("INSERT INTO t VALUES (1), (1)") } }
    #expect(error?.sqlstate == "23505")
    #expect(error?.kind == .data)
  }

  @Test func `a session that the server ended is unavailable, and the outcome of its COMMIT is unknown`() throws {
    let connection = try PostgresServer.open()
    let other = try PostgresServer.open()
    defer { other.close() }
    try connection.execute("BEGIN")
    try other.query("SELECT pg_terminate_backend($1::int, 5000)", [String(connection.backendProcess)])
    let error = try postgresError { try connection.commit() }
    #expect(error?.kind == .unavailable)
    #expect(error?.commitOutcomeUnknown == true)
    #expect(connection.isUsable == false)
  }

  @Test func `a statement is cancelled from another thread`() throws {
    let connection = try PostgresServer.open()
    defer { connection.close() }
    let cancellation = try #require(connection.cancellation())
    let process = String(connection.backendProcess)
    let url = try PostgresServer.shared.get().url
    // A thread, not a task: all threads of the tasks' shared pool may be blocked by waiting tests.
    Thread.detachNewThread {
      guard let watcher = try? PostgresConnection.open(url, applicationName: "tests") else { return }
      defer { watcher.close() }
      let state = "SELECT state FROM pg_stat_activity WHERE pid = $1::int AND query LIKE '%sleep%'"
      while let found = try? watcher.query(state, [process]), found.firstValue != "active" {}
      cancellation.cancel()
    }
    let error = try postgresError { try connection.execute("SELECT pg_sleep(60)") }
    #expect(error?.sqlstate == "57014")
  }

  @Test func `a notification has its payload`() throws {
    let listener = try PostgresServer.open()
    let sender = try PostgresServer.open()
    defer {
      listener.close()
      sender.close()
    }
    try listener.listen("netflix raw")
    #expect(try listener.waitForNotifications(timeout: .zero).isEmpty)
    try sender.execute("NOTIFY \"netflix raw\", 'three rows'")
    let notifications = try listener.waitForNotifications(timeout: .seconds(30))
    #expect(
      notifications == [PostgresNotification(channel: "netflix raw", payload: "three rows")])
  }
}

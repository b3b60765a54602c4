import DevServices
import Foundation
import Postgres
import TestSupport
import Testing

@Suite("Temporary Postgres")
struct TemporaryPostgresTests {
  private func value(_ sql: String, at url: String) throws -> String? {
    let connection = try PostgresConnection.open(url, applicationName: "tests")
    defer { connection.close() }
    return try connection.query(sql).firstValue
  }

  @Test(arguments: [TemporaryPostgres.Listening.socket, .port])
  func `has the database netflixdb and is removed completely`(listening: TemporaryPostgres.Listening) throws {
    let postgres = try TemporaryPostgres(listening)
    #expect(try value("SELECT current_database() || ' ' || current_user", at: postgres.url) == "netflixdb netflix")
    #expect(FileManager.default.fileExists(atPath: postgres.folder))
    let process = try #require(try value("SELECT pg_backend_pid()::text", at: postgres.url))
    postgres.stop()
    postgres.stop()
    #expect(!FileManager.default.fileExists(atPath: postgres.folder))
    #expect(!FileManager.default.fileExists(atPath: "/proc/\(process)"))
  }

  @Test func `requires the password on a port`() throws {
    let postgres = try TemporaryPostgres(.port)
    defer { postgres.stop() }
    let wrong = postgres.url.replacingOccurrences(of: "netflix:netflix@", with: "netflix:wrong@")
    let error = #expect(throws: PostgresError.self) { try value("SELECT 1", at: wrong) }
    #expect(error?.kind == .unauthorized)
  }

  @Test func `keeps committed rows after a crash`() throws {
    let postgres = try TemporaryPostgres(.port)
    defer { postgres.stop() }
    let port = postgres.port
    let connection = try PostgresConnection.open(postgres.url, applicationName: "tests")
    defer { connection.close() }
    try connection.execute("CREATE TABLE landed AS SELECT 21 AS rows")
    postgres.crash()
    let error = #expect(throws: PostgresError.self) { try connection.query("SELECT 1") }
    #expect(error?.kind == .unavailable)
    try postgres.restart()
    #expect(postgres.port == port)
    #expect(try value("SELECT rows::text FROM landed", at: postgres.url) == "21")
  }

  @Test func `two servers run independently`() throws {
    let first = try TemporaryPostgres(.port)
    defer { first.stop() }
    let second = try TemporaryPostgres(.port)
    defer { second.stop() }
    #expect(first.port != second.port)
    #expect(first.folder != second.folder)
  }

  @Test func `a kept server accepts psql until its stop command`() throws {
    let postgres = try TemporaryPostgres(.socket)
    postgres.keep()
    let rows = try run("/bin/sh", ["-c", postgres.psqlCommand + " -qAtc 'SELECT 21'"])
    #expect(rows.output == "21\n")
    let stopped = try run("/bin/sh", ["-c", postgres.stopCommand])
    #expect(stopped.status == 0)
    #expect(!FileManager.default.fileExists(atPath: postgres.folder))
  }
}

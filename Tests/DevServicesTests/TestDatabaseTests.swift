import Postgres
import Testing

@testable import TestSupport

@Suite("Test databases")
struct TestDatabaseTests {
  @Test func `are empty at the start and dropped at the end`() throws {
    func names(_ url: String) throws -> [String] {
      let connection = try PostgresConnection.open(url, applicationName: "tests")
      defer { connection.close() }
      return try connection.query("SELECT current_database() UNION ALL SELECT relname::text FROM pg_stat_user_tables").compactMap { $0[0] }
    }
    let first = try withDatabase { try names($0) }
    let second = try withDatabase { url in
      let all = try names(url)
      let connection = try PostgresConnection.open(url, applicationName: "tests")
      defer { connection.close() }
      #expect(try connection.query("SELECT 1 FROM pg_database WHERE datname = $1", [first[0]]).rows == [])
      return all
    }
    #expect(first.count == 1 && second.count == 1 && first != second)
  }

  @Test(arguments: [
    ("postgresql://u:p@h:5/db", "postgresql://u:p@h:5/x"), ("postgresql://h", "postgresql://h/x"),
    ("postgresql://u@/db?host=%2Ftmp", "postgresql://u@/x?host=%2Ftmp"), ("postgresql://h?a=b/c", "postgresql://h/x?a=b/c"),
  ])
  func `replace the database in the URL of the server`(url: String, expected: String) throws {
    #expect(try TestDatabase.replaceDatabase(in: url, by: "x") == expected)
  }
}

import DevServices
import Postgres

/// A database per test: on DATABASE_URL's server if it is set, else on one temporary server per test process.
package enum TestDatabase {
  /// The server shared by all tests of this process; it ends with the process.
  private static let server = Result { try TemporaryPostgres(.socket) }

  static func address(database: String) throws -> String {
    guard let url = TestEnvironment.databaseURL else { return try server.get().url(database: database) }
    return try replaceDatabase(in: url, by: database)
  }

  /// `postgresql://user@host/this?and=that` with `this` replaced by another database.
  static func replaceDatabase(in url: String, by database: String) throws -> String {
    guard let scheme = url.range(of: "://") else { throw TestSupportError("DATABASE_URL must be a URL for tests") }
    let rest = url[scheme.upperBound...]
    let query = rest.firstIndex(of: "?") ?? rest.endIndex
    let slash = rest[..<query].firstIndex(of: "/") ?? query
    return "\(url[..<scheme.upperBound])\(rest[..<slash])/\(database)\(rest[query...])"
  }

  static func create() throws -> String {
    let name = uniqueName("test")
    try maintain("CREATE DATABASE \(name)")
    return name
  }

  static func drop(_ name: String) throws { try maintain("DROP DATABASE IF EXISTS \(name) WITH (FORCE)") }

  private static func maintain(_ sql: String) throws {
    let connection = try PostgresConnection.open(try address(database: "postgres"), applicationName: "tests")
    defer { connection.close() }
    try connection.execute(sql)
  }
}

extension StringProtocol {
  fileprivate func range(of other: String) -> Range<Index>? { firstRange(of: other) }
}

/// Runs a test with the URL of a new, empty database, and drops the database afterwards.
package func withDatabase<T>(_ body: (String) throws -> T) throws -> T {
  let name = try TestDatabase.create()
  defer { try? TestDatabase.drop(name) }
  return try body(try TestDatabase.address(database: name))
}

/// As ``withDatabase(_:)``, for an async test.
package func withDatabase<T>(_ body: (String) async throws -> T) async throws -> T {
  let name = try TestDatabase.create()
  defer { try? TestDatabase.drop(name) }
  return try await body(try TestDatabase.address(database: name))
}

import DevServices
import Postgres

/// One server for all tests of this target; it ends with the process.
enum PostgresServer {
  static let shared = Result { try TemporaryPostgres(.port) }

  static func open(_ database: String = "netflixdb", onNotice: @escaping (PostgresNotice) -> Void = { _ in }) throws -> PostgresConnection {
    try PostgresConnection.open(shared.get().url(database: database), applicationName: "tests", onNotice: onNotice)
  }
}

/// The PostgresError that `body` throws; nil if it throws none.
func postgresError(_ body: () throws -> Any?) throws -> PostgresError? {
  do {
    _ = try body()
    return nil
  } catch let error as PostgresError {
    return error
  }
}

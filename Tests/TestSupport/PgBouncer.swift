import DevServices
import Foundation
import Glibc
import Postgres
import Testing

/// A PgBouncer of the system's packages in front of a database, for the lifetime of the value.
package final class PgBouncer {
  static let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].first { FileManager.default.isExecutableFile(atPath: $0) }

  /// The database's connection URL through PgBouncer.
  package let address: String
  private let process: RunningProgram

  /// - Parameters:
  ///   - database: A connection URL from ``withDatabase(_:)``: TCP or a socket, without a password.
  ///   - mode: `transaction` or `session`.
  ///   - sessions: Maximum number of server sessions.
  package init(_ database: String, mode: String, sessions: Int = 20, in folder: TemporaryFolder) throws {
    guard let program = Self.program else { throw TestSupportError("pgbouncer is not installed") }
    let server = try Self.server(of: database)
    let port = try LoopbackSocket.freePort()
    try folder.write("users", "\"\(server.user)\" \"\"\n")
    let file = try folder.write(
      "pgbouncer-\(mode).ini",
      """
      [databases]
      * = host=\(server.host) port=\(server.port)
      [pgbouncer]
      listen_addr = 127.0.0.1
      listen_port = \(port)
      unix_socket_dir =
      auth_type = trust
      auth_file = \(folder.path)/users
      pool_mode = \(mode)
      default_pool_size = \(sessions)
      ignore_startup_parameters = extra_float_digits
      """)
    chmod(folder.path, 0o755)
    // PgBouncer does not run as root.
    process = try RunningProgram(program, (getuid() == 0 ? ["-u", "postgres"] : []) + [file])
    address = "postgresql://\(server.user)@127.0.0.1:\(port)/\(server.name)"
    let (process, address) = (process, address)
    try process.wait(until: "PgBouncer answers") {
      (try? PostgresConnection.open(address, applicationName: "tests", timeout: .seconds(2)))?.close() != nil || !process.isRunning
    }
    guard process.isRunning else { throw TestSupportError("pgbouncer: \(process.errors)") }
  }

  private static func server(of database: String) throws -> (user: String, host: String, port: String, name: String) {
    let connection = try PostgresConnection.open(database, applicationName: "tests")
    defer { connection.close() }
    // user@host:port/database
    guard let match = connection.endpoint.wholeMatch(of: /([^@]*)@(.*):([0-9]+)\/(.*)/) else { throw TestSupportError(connection.endpoint) }
    return (String(match.1), String(match.2), String(match.3), String(match.4))
  }
}

extension Trait where Self == ConditionTrait {
  /// For tests with a connection pooler.
  package static var requiresPgBouncer: Self {
    .enabled("needs a real PgBouncer: apt-get install pgbouncer") { PgBouncer.program != nil }
  }
}

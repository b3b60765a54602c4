import DevServices
import Postgres
import Testing

@Suite struct CrashTests {
  @Test func `a crash breaks sessions, and committed rows are there after a restart`() throws {
    let server = try TemporaryPostgres(.socket)
    defer { server.stop() }
    let connection = try PostgresConnection.open(server.url, applicationName: "tests")
    try connection.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
    try connection.execute("BEGIN; INSERT INTO t VALUES (2)")
    server.crash()
    let broken = try postgresError { try connection.execute("INSERT INTO t VALUES (3)") }
    #expect(broken?.kind == .unavailable, "\(String(describing: broken))")
    #expect(connection.isUsable == false)
    #expect(try postgresError { _ = try PostgresConnection.open(server.url, applicationName: "tests") }?.kind == .unavailable)
    try server.restart()
    let again = try PostgresConnection.open(server.url, applicationName: "tests")
    #expect(try again.query("SELECT a FROM t").rows == [["1"]])
    try again.execute("BEGIN")
    let copy = try postgresError {
      try again.copyIn("COPY t FROM STDIN") { writer in
        server.crash()
        for _ in 0..<1000 { try writer.write([UInt8](repeating: 0x31, count: 10_000) + [0x0a]) }
      }
    }
    #expect(copy?.kind == .unavailable)
  }
}

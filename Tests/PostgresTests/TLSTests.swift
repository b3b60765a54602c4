import DevServices
import Foundation
import Postgres
import TestSupport
import Testing

/// A server with TLS: errors are specific, and the suggested remedies work.
@Suite struct TLSTests {
  private func on(_ body: (TemporaryPostgres, Certificates) throws -> Void) throws {
    let server = try TemporaryPostgres(.port)
    defer { server.stop() }
    try withTemporaryFolder { folder in try body(server, Certificates(in: folder)) }
  }

  /// Installs the certificate and its key. The server uses them after a delay.
  private func configure(_ server: TemporaryPostgres, _ certificates: Certificates, _ name: Certificates.Name) throws {
    try certificates.install(name, inDataFolder: server.folder + "/data")
    for statement in ["ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()"] {
      let connection = try PostgresConnection.open(server.url, applicationName: "tests")
      defer { connection.close() }
      try connection.execute(statement)
    }
  }

  private func address(_ server: TemporaryPostgres, host: String = "localhost", password: String = "netflix", _ more: String) -> String {
    "host=\(host) hostaddr=127.0.0.1 port=\(server.port) user=netflix password=\(password) dbname=netflixdb \(more)"
  }

  /// The error after the server has reloaded its settings; until then it is another one.
  private func error(_ address: String, until words: String) throws -> PostgresError? {
    var error: PostgresError?
    let deadline = ContinuousClock.now + .seconds(20)
    repeat {
      error = try postgresError {
        let connection = try PostgresConnection.open(address, applicationName: "tests")
        connection.close()
        return nil
      }
      if error?.message.contains(words) == true { break }
      usleep(20_000)
    } while ContinuousClock.now < deadline
    return error
  }

  @Test func `untrusted, expired and another host's certificates are distinguished, and the suggested remedies work`() throws {
    try on { server, certificates in
      let verified = "sslmode=verify-full sslrootcert=\(certificates.path("ca.pem"))"
      let place = "netflix@localhost:\(server.port)/netflixdb: "
      let bare = try error(address(server, "sslmode=require"), until: "TLS is required")
      #expect(bare?.message == place + "TLS is required (sslmode), and the server does not offer it")
      #expect(bare?.hint == "Turn ssl on at the server, or connect with sslmode=prefer.")
      try PostgresConnection.open(address(server, "sslmode=prefer"), applicationName: "tests").close()

      try configure(server, certificates, .good)
      let untrusted = try error(
        address(server, "sslmode=verify-full sslrootcert=\(certificates.path("other.pem"))"), until: "not signed by")
      #expect(untrusted?.message == place + "the server's certificate is not signed by an authority of sslrootcert")
      #expect(untrusted?.hint?.contains("sslrootcert=FILE") == true)
      let connection = try PostgresConnection.open(address(server, verified), applicationName: "tests")
      // Larger than libpq's buffers and TLS records: no data may be left in OpenSSL's buffer.
      let start = ContinuousClock.now
      for size in [1, 16_000, 16_384, 40_000, 1_000_000, 20_000_000] {
        #expect(try connection.query("SELECT repeat('x', \(size))").firstValue?.utf8.count == size)
      }
      var rows = 0
      try connection.forEachRow("SELECT repeat('x', 100) FROM generate_series(1, 100000)") { _ in rows += 1 }
      #expect(rows == 100_000)
      try connection.execute("CREATE TEMP TABLE t (a text)")
      let line = [UInt8](repeating: 0x31, count: 99_999) + [0x0a]
      #expect(try connection.copyIn("COPY t FROM STDIN") { writer in for _ in 0..<100 { try writer.write(line) } } == 100)
      var bytes = 0
      try connection.copyOut("COPY t TO STDOUT") { bytes += $0.count }
      #expect(bytes == 10_000_000)
      #expect(ContinuousClock.now - start < .seconds(20))
      connection.close()

      try configure(server, certificates, .expired)
      let expired = try error(address(server, verified), until: "expired")
      #expect(expired?.message == place + "the server's certificate has expired")
      #expect(expired?.hint == "Renew the server's certificate, or set the clock of this machine.")

      try configure(server, certificates, .elsewhere)
      let elsewhere = try error(address(server, verified), until: "is for")
      #expect(elsewhere?.message == place + "the server's certificate is for elsewhere.example, not for localhost")
      try PostgresConnection.open(address(server, host: "elsewhere.example", verified), applicationName: "tests").close()
      try PostgresConnection.open(
        address(server, verified.replacing("verify-full", with: "verify-ca")), applicationName: "tests"
      ).close()
      for error in [bare, untrusted, expired, elsewhere] { #expect(error?.kind == .unavailable) }
    }
  }

  @Test func `if only TLS is allowed, a wrong password is reported as such, and a session without TLS fails with the remedy`()
    throws
  {
    try on { server, certificates in
      let superuser = try PostgresConnection.open(server.url, applicationName: "tests")
      defer { superuser.close() }
      try "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n".write(
        toFile: server.folder + "/data/pg_hba.conf", atomically: false, encoding: .utf8)
      try certificates.install(.good, inDataFolder: server.folder + "/data")
      for statement in ["ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()"] { try superuser.execute(statement) }
      let plain = try error(address(server, "sslmode=disable"), until: "the role is not accepted")
      #expect(plain?.sqlstate == "28000" && plain?.kind == .unauthorized)
      #expect(plain?.hint?.contains("sslmode=require") == true)
      try PostgresConnection.open(address(server, "sslmode=require"), applicationName: "tests").close()
      for mode in ["prefer", "require", "allow"] {
        let wrong = try error(address(server, password: "wrong", "sslmode=\(mode)"), until: "password")
        #expect(wrong?.sqlstate == "28P01" && wrong?.kind == .unauthorized)
        #expect(wrong?.message == "netflix@localhost:\(server.port)/netflixdb: the password is not accepted")
      }
    }
  }
}

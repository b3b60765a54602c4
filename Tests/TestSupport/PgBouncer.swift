import Glibc
import LocalStack
import Postgres

/// PgBouncer with transaction pooling before a private server: a client's next transaction may be in another session.
public final class PgBouncer {
  static let program: String? = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].first { (path: String) in access(path, X_OK) == 0 }

  public let url: String
  private let running: RunningProgram
  private let folder: TemporaryFolder

  /// - Parameter sessions: of the server, at most.
  public static func with<T>(_ server: PrivatePostgres, sessions: Int, _ body: (PgBouncer) throws -> T) throws -> T {
    try withTemporaryFolder { folder in
      let pooler = try PgBouncer(server, sessions: sessions, folder: folder)
      defer { pooler.close() }
      return try body(pooler)
    }
  }

  private init(_ server: PrivatePostgres, sessions: Int, folder: TemporaryFolder) throws {
    guard let program = Self.program else { throw TestSupportError("no pgbouncer") }
    self.folder = folder
    let port = try Self.freePort()
    let file = try folder.write(
      "pgbouncer.ini",
      """
      [databases]
      * = host=127.0.0.1 port=\(server.port) user=netflix password=netflix
      [pgbouncer]
      listen_addr = 127.0.0.1
      listen_port = \(port)
      unix_socket_dir =
      auth_type = any
      pool_mode = transaction
      default_pool_size = \(sessions)

      """)
    // It refuses to run as root; nobody may read its configuration then.
    var words = [program, "-q", file]
    if geteuid() == 0 {
      chmod(folder.path, 0o755)
      words = ["/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"] + words
    }
    running = try RunningProgram(words[0], Array(words.dropFirst()))
    let url = "postgresql://netflix@127.0.0.1:\(port)/netflixdb"
    self.url = url
    try running.wait(until: "pgbouncer answers", seconds: 30) {
      guard let connection = try? PostgresConnection.open(url, applicationName: "tests") else { return false }
      connection.close()
      return true
    }
  }

  private func close() {
    running.signal(SIGKILL)
    _ = try? running.wait(seconds: 10)
  }

  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) | getsockname(descriptor, $0, &length) }
    }
    guard code == 0 else { throw TestSupportError("no free port") }
    return UInt16(bigEndian: address.sin_port)
  }
}

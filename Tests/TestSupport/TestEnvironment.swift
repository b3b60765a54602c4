import Glibc

/// The real parts that this run of the tests may use.
public enum TestEnvironment {
  /// A real broker for everyone; nil: the embedded one.
  public static let bootstrapServers = value("KAFKA_BOOTSTRAP_SERVERS")
  /// The same broker by TLS with a password (SASL PLAIN; user and password `netflix`), and the file of its authority's certificate.
  public static let secureServers = value("KAFKA_SECURE_SERVERS")
  public static let secureAuthority = value("KAFKA_SECURE_CA")
  /// A real Postgres; nil: a private one.
  public static let databaseURL = value("DATABASE_URL")

  public static func value(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}

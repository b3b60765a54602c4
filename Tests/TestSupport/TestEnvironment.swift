import Glibc

/// The external services that this test run may use.
package enum TestEnvironment {
  /// A real broker for all tests; nil: the embedded one.
  package static let bootstrapServers = value("KAFKA_BOOTSTRAP_SERVERS")
  /// The same broker with TLS and a password (SASL PLAIN; user and password `netflix`), and the file of its authority's certificate.
  package static let secureServers = value("KAFKA_SECURE_SERVERS")
  /// The authority's certificate file.
  package static let secureAuthority = value("KAFKA_SECURE_CA")
  /// A Postgres server for all tests; nil: a temporary one.
  package static let databaseURL = value("DATABASE_URL")

  /// The value of an environment variable; nil if it is unset or empty.
  package static func value(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}

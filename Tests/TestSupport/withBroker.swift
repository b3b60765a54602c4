import DevServices

/// Runs a test with a broker's address: KAFKA_BOOTSTRAP_SERVERS, else a new embedded broker.
///
/// A real broker is shared: give each test its own topic with ``uniqueTopic(_:)``.
package func withBroker<T>(_ body: (String) throws -> T) throws -> T {
  if let servers = TestEnvironment.bootstrapServers { return try body(servers) }
  let broker = try EmbeddedBroker.start()
  defer { broker.close() }
  return try body(broker.bootstrapServers)
}

/// As ``withBroker(_:)``, for an async test.
package func withBroker<T>(_ body: (String) async throws -> T) async throws -> T {
  if let servers = TestEnvironment.bootstrapServers { return try await body(servers) }
  let broker = try EmbeddedBroker.start()
  defer { broker.close() }
  return try await body(broker.bootstrapServers)
}

import Testing

extension Trait where Self == ConditionTrait {
  /// For what librdkafka's mock cluster cannot do: transactions, rebalances, topics made anew, retention, load.
  public static var requiresRealBroker: Self {
    .enabled("needs a real broker: KAFKA_BOOTSTRAP_SERVERS") { TestEnvironment.bootstrapServers != nil }
  }

  /// For TLS and passwords.
  public static var requiresSecureBroker: Self {
    .enabled("needs a real broker with TLS and SASL: KAFKA_SECURE_SERVERS, KAFKA_SECURE_CA") {
      TestEnvironment.secureServers != nil && TestEnvironment.secureAuthority != nil
    }
  }

  /// For sessions that a pooler hands from client to client.
  public static var requiresPooler: Self {
    .enabled("needs a real pooler: pgbouncer, of the package of that name") { PgBouncer.program != nil }
  }

  /// For tests that kill their broker: they need one of their own.
  public static var requiresFaultBroker: Self {
    .enabled("needs a real broker that may die: KAFKA_BROKER_ADDRESS, KAFKA_BROKER_KILL, KAFKA_BROKER_RESUME") { FaultBroker.shared != nil }
  }
}

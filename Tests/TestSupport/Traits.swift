import Testing

extension Trait where Self == ConditionTrait {
  /// For tests of features that librdkafka's mock cluster lacks: transactions, rebalances, recreated topics, retention, load.
  package static var requiresRealBroker: Self {
    .enabled("needs a real broker: KAFKA_BOOTSTRAP_SERVERS") { TestEnvironment.bootstrapServers != nil }
  }

  /// For tests with TLS and passwords.
  package static var requiresSecureBroker: Self {
    .enabled("needs a real broker with TLS and SASL: KAFKA_SECURE_SERVERS, KAFKA_SECURE_CA") {
      TestEnvironment.secureServers != nil && TestEnvironment.secureAuthority != nil
    }
  }

  /// For tests that kill brokers of a replicated cluster.
  package static var requiresCluster: Self {
    .enabled("needs a cluster of three brokers that may die: KAFKA_CLUSTER_ADDRESS, KAFKA_CLUSTER_KILL, KAFKA_CLUSTER_RESUME") {
      FaultBroker.cluster != nil
    }
  }

  /// For tests that kill their broker and so need their own.
  package static var requiresFaultBroker: Self {
    .enabled("needs a real broker that may die: KAFKA_BROKER_ADDRESS, KAFKA_BROKER_KILL, KAFKA_BROKER_RESUME") { FaultBroker.shared != nil }
  }
}

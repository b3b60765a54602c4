import Console
import Kafka

/// Options for the Kafka cluster, the topic and the retry time.
package struct KafkaOptions: ParsableArguments {
  /// `--bootstrap-servers`
  @Option(help: ArgumentHelp("Bootstrap brokers, separated by commas.", valueName: "HOST:PORT"), environment: "KAFKA_BOOTSTRAP_SERVERS")
  package var bootstrapServers = "localhost:9092"

  /// `--topic`
  @Option(help: ArgumentHelp("The topic.", default: "the description's"), environment: "NETFLIX_TOPIC")
  package var topic: String?

  /// `-X`
  @Option(
    name: .customShort("X"),
    help: ArgumentHelp("A librdkafka property, as in kcat: -X security.protocol=SASL_SSL.", valueName: "NAME=VALUE"))
  package var properties: [String]

  /// `--kafka-config`
  @Option(
    help: ArgumentHelp("A file with such properties, one name=value per line; -X overrides it.", valueName: "FILE"),
    environment: "NETFLIX_KAFKA_CONFIG")
  package var kafkaConfig: String?

  /// `--retry-seconds`
  @Option(
    help: "How long to retry an unavailable broker, topic or database.",
    environment: "NETFLIX_RETRY_SECONDS", in: 1...86_400)
  package var retrySeconds = 90

  /// The default values.
  package init() {}

  /// Rejects an invalid topic name before anything is read; the description's topic is checked with the description.
  ///
  /// - Throws: `KafkaError`, of kind `usage`.
  package func validate() throws {
    if let topic { try KafkaTopic.check(topic) }
  }

  /// The checked configuration: the file overrides the environment, and the command line overrides the file.
  ///
  /// - Throws: ``CommandError`` 64 for an unknown or managed property, 66 if the file cannot be read.
  package func configuration() throws -> KafkaConfiguration {
    var configuration = KafkaConfiguration(bootstrapServers: bootstrapServers, retrySeconds: retrySeconds)
    if let kafkaConfig {
      let bytes = try InputFile.contents(kafkaConfig, what: "file of Kafka properties")
      try configuration.load(String(decoding: bytes, as: UTF8.self), file: kafkaConfig)
    }
    if $bootstrapServers.source == .commandLine { try configuration.set("bootstrap.servers", bootstrapServers) }
    for property in properties { try configuration.set(argument: property) }
    return configuration
  }
}

extension KafkaError: CommandErrorConvertible {
  /// The exit code of the error's kind, with the record's coordinates in the message.
  package var commandError: CommandError {
    let message = coordinates.map { "\($0): \(self.message)" } ?? self.message
    let hint =
      self.hint
      ?? (kind == .unavailable ? "Is a broker running there? --bootstrap-servers or KAFKA_BOOTSTRAP_SERVERS sets the address." : nil)
    return CommandError(ExitCode(kind.exitStatus), "Kafka: \(message)", hint: hint)
  }
}

extension Log {
  /// This log as the Kafka client's log.
  package var ofKafka: KafkaLog {
    KafkaLog { level, text in
      switch level {
      case .error: error(text)
      case .warning: warning(text)
      case .info: info(text)
      case .debug: debug(text)
      }
    }
  }
}

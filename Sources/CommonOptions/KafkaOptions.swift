import Console
import Kafka

/// Which Kafka, which topic, and how long to try.
public struct KafkaOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Brokers to ask first, separated by commas.", valueName: "HOST:PORT"), environment: "KAFKA_BOOTSTRAP_SERVERS")
  public var bootstrapServers = "localhost:9092"

  @Option(help: ArgumentHelp("The topic.", default: "the description's"), environment: "NETFLIX_TOPIC")
  public var topic: String?

  @Option(
    name: .customShort("X"),
    help: ArgumentHelp("A property of librdkafka, as kcat takes it: -X security.protocol=SASL_SSL.", valueName: "NAME=VALUE"))
  public var properties: [String]

  @Option(
    help: ArgumentHelp("A file of such properties, one name=value a line; -X goes before it.", valueName: "FILE"),
    environment: "NETFLIX_KAFKA_CONFIG")
  public var kafkaConfig: String?

  @Option(
    help: "How long a broker, topic or database may be away before it counts as unreachable.",
    environment: "NETFLIX_RETRY_SECONDS", in: 1...86_400)
  public var retrySeconds = 90

  public init() {}

  /// A topic's name that no broker takes is refused before anything is read; a description's was checked with it.
  public func validate() throws {
    if let topic { try KafkaTopic.check(topic) }
  }

  /// What was asked for, checked: the environment gives way to the file, the file to the command line.
  ///
  /// - Throws: ``Failure`` 64 for a property that there is not or that must not be set, 66 where the file is not to be read.
  public func configuration() throws -> KafkaConfiguration {
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

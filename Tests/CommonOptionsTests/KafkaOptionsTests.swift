import Console
import Kafka
import TestSupport
import Testing

@testable import CommonOptions

@Suite struct KafkaOptionsTests {
  private func parse(_ words: String..., environment: [String: String] = [:]) throws -> KafkaOptions {
    try Sample.parsed(words, environment).kafka
  }

  @Test func `defaults`() throws {
    let kafka = try parse()
    #expect(kafka.bootstrapServers == "localhost:9092")
    #expect(kafka.topic == nil)
    #expect(kafka.properties == [])
    #expect(kafka.kafkaConfig == nil)
    #expect(kafka.retrySeconds == 90)
    let configuration = try kafka.configuration()
    #expect(configuration.description == "bootstrap.servers=localhost:9092")
    #expect(configuration.retrySeconds == 90)
  }

  @Test func `an option overrides its environment variable, which overrides the default`() throws {
    let environment = [
      "KAFKA_BOOTSTRAP_SERVERS": "k:1", "NETFLIX_TOPIC": "theirs", "NETFLIX_KAFKA_CONFIG": "their.conf", "NETFLIX_RETRY_SECONDS": "7",
    ]
    let set = try parse(environment: environment)
    #expect(set.bootstrapServers == "k:1")
    #expect(set.topic == "theirs")
    #expect(set.kafkaConfig == "their.conf")
    #expect(set.retrySeconds == 7)
    let given = try parse(
      "--bootstrap-servers", "l:2", "--topic", "mine", "--kafka-config", "my.conf", "--retry-seconds", "8", environment: environment)
    #expect(given.bootstrapServers == "l:2")
    #expect(given.topic == "mine")
    #expect(given.kafkaConfig == "my.conf")
    #expect(given.retrySeconds == 8)
  }

  @Test func `the address on the command line overrides the file, which overrides the environment; -X overrides both`() throws {
    try withTemporaryFolder { folder in
      let file = try folder.write("kafka.conf", "# for kcat, too\nbootstrap.servers = f:3\nlinger.ms=1\n")
      func address(_ words: String..., environment: [String: String] = [:]) throws -> String {
        try Sample.parsed(words, environment).kafka.configuration().description
      }
      let environment = ["KAFKA_BOOTSTRAP_SERVERS": "k:1", "NETFLIX_KAFKA_CONFIG": file]
      #expect(try address(environment: ["KAFKA_BOOTSTRAP_SERVERS": "k:1"]) == "bootstrap.servers=k:1")
      #expect(try address(environment: environment) == "bootstrap.servers=f:3 linger.ms=1")
      #expect(try address("--bootstrap-servers", "l:2", environment: environment) == "bootstrap.servers=l:2 linger.ms=1")
      #expect(
        try address("--bootstrap-servers", "l:2", "-X", "bootstrap.servers=x:4", "-X", "linger.ms=2", environment: environment)
          == "bootstrap.servers=x:4 linger.ms=1 linger.ms=2")
    }
  }

  @Test(arguments: [("soon", ""), ("0", " from 1 to 86400"), ("86401", " from 1 to 86400"), ("-1", " from 1 to 86400")])
  func `--retry-seconds is a whole number from 1 to 86400`(value: String, range: String) {
    #expect(
      throws: CommandError(
        .usage, "--retry-seconds: '\(value)' is not a whole number\(range)", hint: "'sample --help' explains all options.")
    ) { try parse("--retry-seconds=\(value)") }
  }

  @Test func `an invalid topic is a usage error, which names the variable that it comes from`() {
    let hint = "Use at most 249 letters, digits, . _ and -."
    #expect(throws: CommandError(.usage, "Kafka: invalid topic name 'a b'", hint: hint)) { try parse("--topic", "a b") }
    let variable = "--topic is set by the environment variable NETFLIX_TOPIC"
    #expect(throws: CommandError(.usage, "Kafka: invalid topic name 'a b' (\(variable))", hint: hint)) {
      try parse(environment: ["NETFLIX_TOPIC": "a b"])
    }
  }

  @Test func `an invalid property is reported with its place, and not repeated where it may be a password`() throws {
    try withTemporaryFolder { folder in
      let file = try folder.write("kafka.conf", "linger.ms=1\nsecret\n")
      #expect(
        throws: KafkaError(kind: .usage, message: "\(file):2: expected name=value", hint: "A comment begins with #.")
      ) { try parse("--kafka-config", file).configuration() }
      #expect(
        throws: KafkaError(
          kind: .usage, message: "invalid -X argument: expected name=value", hint: "For example: -X security.protocol=SASL_SSL.")
      ) { try parse("-X", "secret").configuration() }
      #expect(
        throws: CommandError(.noInput, "\(folder.path): is a folder, not a file of Kafka properties", hint: "Name the file itself.")
      ) { try parse("--kafka-config", folder.path).configuration() }
    }
  }

  @Test(
    arguments: [(.usage, 64), (.data, 65), (.unavailable, 69), (.fenced, 69), (.unauthorized, 77), (.internal, 70)]
      as [(
        KafkaError.Kind, Int32
      )])
  func `an error of Kafka has the exit code of its kind, its coordinates and its hint`(kind: KafkaError.Kind, status: Int32) {
    let place = KafkaError.Coordinates(topic: "t", partition: 1, offset: 5)
    #expect(
      KafkaError(kind: kind, message: "no", coordinates: place, hint: "Do this.").commandError
        == CommandError(ExitCode(status), "Kafka: topic t, partition 1, offset 5: no", hint: "Do this."))
    let address =
      kind == .unavailable ? "Is a broker running there? --bootstrap-servers or KAFKA_BOOTSTRAP_SERVERS sets the address." : nil
    #expect(KafkaError(kind: kind, message: "no").commandError == CommandError(ExitCode(status), "Kafka: no", hint: address))
  }
}

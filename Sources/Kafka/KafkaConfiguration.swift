import CRdKafka

/// What a user may say of the connection to Kafka: where it is, how long to try, and any property of librdkafka.
///
/// Names and values are checked as they are set, so that a slip of the pen is told at once and not by a broker.
/// A value that is a secret never appears in a text of ours.
public struct KafkaConfiguration: Sendable {
  /// `host:port` of one or more brokers, separated by commas.
  public internal(set) var bootstrapServers: String
  /// How long a broker, a topic or a coordinator may be away before it counts as unreachable; at least 1.
  public var retrySeconds: Int
  /// What the user set, in the order given: of one name the last counts.
  private(set) var properties: [KafkaProperty] = []

  public init(bootstrapServers: String, retrySeconds: Int = 90) {
    self.bootstrapServers = bootstrapServers
    self.retrySeconds = max(1, retrySeconds)
  }

  /// `--retry-seconds` in milliseconds, within what librdkafka's properties take.
  public var retryMilliseconds: Int { min(max(1, retrySeconds), 900) * 1000 }

  /// Sets one property of librdkafka, as `kcat -X name=value` does, `topic.` before the name of a topic's property included.
  ///
  /// - Throws: `KafkaError` of kind `usage` if the name is unknown, Java's alone or one that the delivery promise rests on,
  ///   or if the value is not one that the property takes.
  public mutating func set(_ name: String, _ value: String) throws(KafkaError) {
    let name = KafkaProperty.canonicalName(name)
    if let reason = KafkaProperty.managed[name] { throw .usage("property \(name) cannot be set", advice: reason) }
    try KafkaProperty.check(name, value)
    if name == "bootstrap.servers" || name == "metadata.broker.list" {
      bootstrapServers = value
    } else {
      properties.append(KafkaProperty(name: name, value: value))
    }
  }

  /// Sets one property from the text of `-X`: `name=value`.
  public mutating func set(argument: String) throws(KafkaError) {
    guard let equals = argument.utf8.firstIndex(of: UInt8(ascii: "=")), equals != argument.startIndex else {
      // The text is not repeated: it may be a password.
      throw .usage("-X takes name=value, and there is no name or no =", advice: "For instance: -X security.protocol=SASL_SSL.")
    }
    try set(String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
  }

  /// The value that the user gave the last of these names (a property and its aliases), if any.
  func value(of names: String...) -> String? {
    properties.last { names.contains($0.name) }?.value
  }

  /// Whether the user chose one of the SCRAM mechanisms.
  var usesScram: Bool {
    value(of: "sasl.mechanism", "sasl.mechanisms")?.uppercased().hasPrefix("SCRAM") ?? false
  }
}

extension KafkaConfiguration: CustomStringConvertible, CustomReflectable {
  public var description: String {
    (["bootstrap.servers=\(bootstrapServers)"] + properties.map(\.description)).joined(separator: " ")
  }

  /// What `dump` shows: nothing that `description` hides.
  public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}

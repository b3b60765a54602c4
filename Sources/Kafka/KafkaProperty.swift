import CRdKafka
import Glibc

/// The name and value of a librdkafka property.
struct KafkaProperty: Sendable, CustomStringConvertible {
  let name: String
  let value: String

  var description: String { "\(name)=\(Self.secret.contains(name) ? "(not shown)" : value)" }

  /// Properties whose values are never shown.
  static let secret: Set<String> = [
    "sasl.password", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config", "ssl.key.password", "ssl.key.pem",
    "ssl.keystore.password",
  ]

  /// kcat's `topic.acks` is the topic property `acks`; librdkafka accepts the name without the prefix.
  static func canonicalName(_ name: String) -> String {
    guard name.hasPrefix("topic."), !isKnown(name) else { return name }
    let plain = String(name.dropFirst("topic.".count))
    return isKnown(plain) ? plain : name
  }

  /// Checks that librdkafka accepts this value for this name.
  ///
  /// - Throws: `KafkaError` of kind `usage`, with the alternative if it is known.
  static func check(_ name: String, _ value: String) throws(KafkaError) {
    let configuration = rd_kafka_conf_new()
    defer { rd_kafka_conf_destroy(configuration) }
    if let equal = javaOnly[name] {
      throw .usage("property \(name) is the Java client's: librdkafka does not have it", advice: equal)
    }
    try set(name, value, in: configuration)
    // OpenSSL would wait for its writer while the client opens, and no signal ends that. What a shell hands over (/dev/fd) has one.
    var status = stat()
    if name.hasSuffix(".location"), !value.hasPrefix("/dev/"), !value.hasPrefix("/proc/"), stat(value, &status) == 0,
      status.st_mode & S_IFMT == S_IFIFO
    {
      throw .usage("property \(name): \(value) is a named pipe, not a file", advice: "Name a file.")
    }
  }

  /// Sets the property in a librdkafka configuration.
  static func set(_ name: String, _ value: String, in configuration: OpaquePointer?) throws(KafkaError) {
    var reason = [CChar](repeating: 0, count: 512)
    switch rd_kafka_conf_set(configuration, name, value, &reason, reason.count) {
    case RD_KAFKA_CONF_OK:
      return
    case RD_KAFKA_CONF_UNKNOWN:
      let advice = suggestion(for: name).map { "Did you mean \($0)?" } ?? "librdkafka's CONFIGURATION.md lists all properties."
      throw .usage("unknown property \(name)", advice: advice)
    default:
      // librdkafka's message contains the value.
      let shown = secret.contains(name) ? "it does not take this value" : String(buffer: reason)
      throw .usage("property \(name): \(shown)", advice: "librdkafka's CONFIGURATION.md has the values of each property.")
    }
  }

  private static func isKnown(_ name: String) -> Bool {
    let configuration = rd_kafka_conf_new()
    defer { rd_kafka_conf_destroy(configuration) }
    let topic = rd_kafka_topic_conf_new()
    defer { rd_kafka_topic_conf_destroy(topic) }
    var size = 0
    if rd_kafka_conf_get(configuration, name, nil, &size) != RD_KAFKA_CONF_UNKNOWN { return true }
    return rd_kafka_topic_conf_get(topic, name, nil, &size) != RD_KAFKA_CONF_UNKNOWN
  }
}

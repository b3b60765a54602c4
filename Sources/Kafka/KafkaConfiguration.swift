import CRdKafka

/// The user's settings for the connection to Kafka: addresses, retry time, and any librdkafka property.
///
/// Names and values are checked when they are set, so that a typo is reported immediately and not by a broker.
/// The value of a secret never appears in a message of this package.
package struct KafkaConfiguration: Sendable {
  /// `host:port` of one or more brokers, separated by commas.
  package internal(set) var bootstrapServers: String
  /// Seconds to retry while a broker, a topic or a coordinator is unavailable; at least 1.
  package var retrySeconds: Int
  /// The user's properties in the given order; the last one of a name counts.
  private(set) var properties: [KafkaProperty] = []

  /// A configuration without further properties. `retrySeconds` below 1 becomes 1.
  package init(bootstrapServers: String, retrySeconds: Int = 90) {
    self.bootstrapServers = bootstrapServers
    self.retrySeconds = max(1, retrySeconds)
  }

  /// `--retry-seconds` in milliseconds, at most 900,000, which librdkafka's properties allow.
  package var retryMilliseconds: Int { min(max(1, retrySeconds), 900) * 1000 }

  /// Sets a librdkafka property, as `kcat -X name=value` does; the name of a topic property may have the prefix `topic.`.
  ///
  /// - Throws: `KafkaError` of kind `usage` if the name is unknown, exists in the Java client only, or is managed because the delivery
  ///   guarantee depends on it; or if the value is invalid.
  package mutating func set(_ name: String, _ value: String) throws(KafkaError) {
    let name = KafkaProperty.canonicalName(name)
    if let reason = KafkaProperty.managed[name] { throw .usage("property \(name) cannot be set", hint: reason) }
    try KafkaProperty.check(name, value)
    if name == "bootstrap.servers" || name == "metadata.broker.list" {
      bootstrapServers = value
    } else {
      properties.append(KafkaProperty(name: name, value: value))
    }
  }

  /// Sets a property from the argument of `-X`: `name=value`.
  ///
  /// - Throws: `KafkaError` of kind `usage`, as ``set(_:_:)`` does.
  package mutating func set(argument: String) throws(KafkaError) {
    guard let equals = argument.utf8.firstIndex(of: UInt8(ascii: "=")), equals != argument.startIndex else {
      // The text is not repeated: it may be a password.
      throw .usage("invalid -X argument: expected name=value", hint: "For example: -X security.protocol=SASL_SSL.")
    }
    try set(String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
  }

  /// The user's last value for one of these names (a property and its aliases), if any.
  func value(of names: String...) -> String? {
    properties.last { names.contains($0.name) }?.value
  }

  /// Whether the user chose one of the SCRAM mechanisms.
  var usesScram: Bool {
    value(of: "sasl.mechanism", "sasl.mechanisms")?.uppercased().hasPrefix("SCRAM") ?? false
  }
}

extension KafkaConfiguration: CustomStringConvertible, CustomReflectable {
  /// The properties as `name=value`, separated by spaces, without the values of secrets.
  package var description: String {
    (["bootstrap.servers=\(bootstrapServers)"] + properties.map(\.description)).joined(separator: " ")
  }

  /// For `dump`: only `description`, which hides secrets.
  package var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}

extension KafkaConfiguration {
  /// Sets the properties of a configuration file in kcat's format: one `name=value` per line, `#` before a comment; spaces around name and
  /// value are ignored.
  ///
  /// - Parameter file: the file's name, for errors.
  /// - Throws: `KafkaError` of kind `usage` with file and line.
  package mutating func load(_ contents: String, file: String) throws(KafkaError) {
    var number = 0
    for line in contents.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let text = Self.trimmed(line)
      if text.isEmpty || text.utf8.first == UInt8(ascii: "#") { continue }
      guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else {
        // The line is not repeated: it may be a password.
        throw .usage("\(file):\(number): expected name=value", hint: "A comment begins with #.")
      }
      let name = Self.trimmed(text.utf8[..<equals])
      do {
        try set(name, Self.trimmed(text.utf8[text.utf8.index(after: equals)...]))
      } catch {
        throw .usage("\(file):\(number): \(error.message)", hint: error.hint)
      }
    }
  }

  private static func trimmed(_ text: Substring.UTF8View) -> String {
    func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") }
    var text = text.drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return String(decoding: text, as: UTF8.self)
  }
}

/// Validates topic names.
package enum KafkaTopic {
  private static let maxLength = 249

  /// Checks a topic name.
  ///
  /// - Throws: `KafkaError` of kind `usage` for an invalid name: librdkafka would report the topic as unknown, and wait for it.
  package static func check(_ name: String) throws(KafkaError) {
    let isLegal = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard isLegal, !name.isEmpty, name.utf8.count <= maxLength, name != ".", name != ".." else {
      throw .usage("invalid topic name '\(name)'", hint: "Use at most \(maxLength) letters, digits, . _ and -.")
    }
  }
}

import CRdKafka
import Glibc
import Support

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
      throw .usage("property \(name) is the Java client's: librdkafka does not have it", hint: equal)
    }
    try set(name, value, in: configuration)
    // Opening a named pipe would block in OpenSSL until it has a writer, and a signal would not end that. A pipe under /dev/fd has one.
    var status = stat()
    if name.hasSuffix(".location"), !value.hasPrefix("/dev/"), !value.hasPrefix("/proc/"), stat(value, &status) == 0,
      status.st_mode & S_IFMT == S_IFIFO
    {
      throw .usage("property \(name): \(value) is a named pipe, not a file", hint: "Name a file.")
    }
  }

  /// Sets the property in a librdkafka configuration.
  static func set(_ name: String, _ value: String, in configuration: OpaquePointer?) throws(KafkaError) {
    var reason = [CChar](repeating: 0, count: 512)
    switch rd_kafka_conf_set(configuration, name, value, &reason, reason.count) {
    case RD_KAFKA_CONF_OK:
      return
    case RD_KAFKA_CONF_UNKNOWN:
      let hint = suggestion(for: name).map { "Did you mean \($0)?" } ?? "librdkafka's CONFIGURATION.md lists all properties."
      throw .usage("unknown property \(name)", hint: hint)
    default:
      // librdkafka's message contains the value.
      let shown = secret.contains(name) ? "it does not take this value" : String(buffer: reason)
      throw .usage("property \(name): \(shown)", hint: "librdkafka's CONFIGURATION.md has the values of each property.")
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

extension KafkaProperty {
  /// The most similar property name for a mistyped one: an edit distance of at most three, and of at most a third of its length.
  static func suggestion(for name: String) -> String? {
    EditDistance.nearest(to: name.lowercased(), among: suggestions, limit: min(3, name.count / 3))
  }

  /// librdkafka's dump contains only properties that have a value; this list adds aliases and properties without a default.
  private static var suggestions: [String] {
    let unset = [
      "linger.ms", "compression.type", "retries", "delivery.timeout.ms", "max.in.flight.requests.per.connection",
      "max.partition.fetch.bytes",
      "bootstrap.servers", "sasl.mechanism", "sasl.username", "sasl.password", "ssl.ca.location", "ssl.ca.pem",
      "ssl.certificate.location", "ssl.certificate.pem", "ssl.cipher.suites", "ssl.key.location", "ssl.key.password", "ssl.key.pem",
      "ssl.keystore.location", "ssl.keystore.password", "client.rack", "debug", "group.instance.id",
    ]
    let configuration = rd_kafka_conf_new()
    defer { rd_kafka_conf_destroy(configuration) }
    let topic = rd_kafka_topic_conf_new()
    defer { rd_kafka_topic_conf_destroy(topic) }
    return unset + names { rd_kafka_conf_dump(configuration, $0) } + names { rd_kafka_topic_conf_dump(topic, $0) }
  }

  /// The names in a dump of librdkafka, which alternates names and values.
  private static func names(
    _ dump: (UnsafeMutablePointer<Int>) -> UnsafeMutablePointer<UnsafePointer<CChar>?>?
  ) -> [String] {
    var count = 0
    guard let pairs = dump(&count) else { return [] }
    defer { rd_kafka_conf_dump_free(pairs, count) }
    return stride(from: 0, to: count, by: 2).compactMap { index in pairs[index].map { String(cString: $0) } }
  }
}

extension KafkaProperty {
  /// Managed properties: the delivery guarantee depends on them, or an option sets them. Each has the alternative.
  static let managed: [String: String] = {
    let idempotence = "The producer is always idempotent and waits for all in-sync replicas."
    let offsets = "Offsets are kept in Postgres, in the transaction that lands the rows."
    let reports = "Every message's delivery is counted."
    return [
      "enable.idempotence": idempotence,
      "acks": idempotence,
      "request.required.acks": idempotence,
      "enable.gapless.guarantee": idempotence,
      "transactional.id": "Use --transactional-id, with --atomic.",
      "delivery.report.only.error": reports,
      "enable.auto.commit": offsets,
      "auto.commit.enable": offsets,
      "enable.auto.offset.store": offsets,
      "offset.store.method": offsets,
      "offset.store.path": offsets,
      "auto.offset.reset": "Offsets are kept in Postgres; --from-beginning reads the topic from its start again.",
      "isolation.level": "Only committed messages are read.",
      "enable.partition.eof": "The end of a partition is always reported.",
      "group.id": "Use --group.",
      "group.instance.id": "Use --instance-id.",
      "log.queue": "The program handles librdkafka's log itself.",
      "opaque": "The program sets it itself.",
    ]
  }()

  /// Properties of the Java client that librdkafka does not have, each with the equivalent.
  static let javaOnly: [String: String] = {
    let json = "Keys and values are always UTF-8 text and JSON; leave it out."
    let pem = "librdkafka reads PEM: set ssl.ca.location to the authority's certificate."
    let none = "librdkafka has no equivalent; leave it out."
    return [
      "key.serializer": json, "value.serializer": json, "key.deserializer": json, "value.deserializer": json,
      "sasl.jaas.config": "Set sasl.username and sasl.password.",
      "sasl.client.callback.handler.class": none,
      "sasl.login.callback.handler.class": "For OAUTHBEARER set sasl.oauthbearer.method=oidc and the properties beside it.",
      "sasl.login.class": none,
      "ssl.truststore.location": pem, "ssl.truststore.password": pem, "ssl.truststore.type": pem,
      "ssl.truststore.certificates": "Set ssl.ca.pem, or ssl.ca.location for a file.",
      "ssl.keystore.type": "A PKCS#12 file goes in ssl.keystore.location; PEM in ssl.certificate.location and ssl.key.location.",
      "ssl.keystore.key": "Set ssl.key.pem, or ssl.key.location for a file.",
      "ssl.keystore.certificate.chain": "Set ssl.certificate.pem, or ssl.certificate.location for a file.",
      "ssl.protocol": none, "ssl.provider": none, "ssl.enabled.protocols": none, "ssl.trustmanager.algorithm": none,
      "ssl.keymanager.algorithm": none, "ssl.secure.random.implementation": none,
      "security.providers": none,
      "buffer.memory": "Set queue.buffering.max.kbytes (in KiB).",
      "max.block.ms": "Use --retry-seconds.",
      "default.api.timeout.ms": "Use --retry-seconds.",
      "max.request.size": "Set message.max.bytes.",
      "partitioner.class": "Leave it out: keys go where the Java client puts them (partitioner=murmur2_random).",
      "partitioner.ignore.keys": "Set partitioner=random.",
      "send.buffer.bytes": "Set socket.send.buffer.bytes.",
      "receive.buffer.bytes": "Set socket.receive.buffer.bytes.",
      "socket.connection.setup.timeout.max.ms": "Set socket.connection.setup.timeout.ms.",
      "metadata.max.idle.ms": "Set topic.metadata.refresh.interval.ms.",
      "fetch.max.wait.ms": "Set fetch.wait.max.ms.",
      "max.poll.records": "Use --batch-rows.",
      "exclude.internal.topics": none,
      "interceptor.classes": none, "metric.reporters": none, "metrics.num.samples": none, "metrics.recording.level": none,
      "metrics.sample.window.ms": none, "auto.include.jmx.reporter": none,
    ]
  }()
}

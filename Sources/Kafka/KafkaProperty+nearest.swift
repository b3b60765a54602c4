import CRdKafka

extension KafkaProperty {
  /// The most similar property name for a mistyped one: an edit distance of at most three, and of at most a third of its length.
  static func suggestion(for name: String) -> String? {
    let typed = Array(name.lowercased().utf8)
    var best: (name: String, distance: Int)?
    for candidate in suggestions {
      let distance = editDistance(typed, Array(candidate.utf8))
      if distance <= 3, distance * 3 <= typed.count, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
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

  /// The Levenshtein distance: bytes to insert, delete or replace.
  private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let replaced = diagonal + (a[i] == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
      }
    }
    return row[b.count]
  }
}

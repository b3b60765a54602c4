import CRdKafka

extension KafkaConsumer {
  /// What librdkafka's own defaults would do to memory and speed; a user's `-X` comes after them.
  static func defaults(_ configuration: KafkaConfiguration, endWithin: Int) -> [(String, String)] {
    // Blocked by a database that is away, the member polls no earlier than --retry-seconds; that must not cost it its place in the group.
    let pollInterval = max(300, configuration.retrySeconds + 60)
    var defaults = [
      // Memory: 4 MB wait in the queue, and a fetch brings 256 KB a partition; short messages are bounded by their number, since librdkafka
      // keeps some 400 bytes about each.
      ("queued.max.messages.kbytes", "4096"),
      ("queued.min.messages", "10000"),
      ("fetch.message.max.bytes", "262144"),
      ("fetch.max.bytes", "4194304"),
      ("fetch.wait.max.ms", String(endWithin)),
      // Partitions that are added are noticed within so long.
      ("topic.metadata.refresh.interval.ms", "10000"),
      ("max.poll.interval.ms", String(min(pollInterval, 86_400) * 1000)),
    ]
    // Before 2.2.0 a full queue puts the broker's thread to sleep for a second (librdkafka's issue 2879): there, a thread wakes it.
    if !FetchStallWorkaround.isNeeded { defaults.append(("fetch.queue.backoff.ms", "10")) }
    return defaults
  }

  /// What the delivery promise rests on.
  static func fixed(group: String, isolation: Isolation) -> [(String, String)] {
    [
      ("group.id", group),
      ("enable.auto.commit", "false"),
      ("enable.auto.offset.store", "false"),
      // The default answer to an offset out of range is the end of the log, in silence.
      ("auto.offset.reset", "error"),
      ("isolation.level", isolation.rawValue),
      ("enable.partition.eof", "true"),
    ]
  }
}

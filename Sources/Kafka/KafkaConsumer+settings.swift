import CRdKafka

extension KafkaConsumer {
  /// Properties that replace librdkafka's defaults for memory and speed; a user's `-X` overrides them.
  static func defaults(_ configuration: KafkaConfiguration, endWithin: Int) -> [(String, String)] {
    // While the database is unavailable, the member may not poll for --retry-seconds; it must not be removed from the group for that.
    let pollInterval = max(300, configuration.retrySeconds + 60)
    var defaults = [
      // Memory: 4 MB in the queue, and 256 KB per partition and fetch. Short messages are limited by their number, since librdkafka needs
      // some 400 bytes for each.
      ("queued.max.messages.kbytes", "4096"),
      ("queued.min.messages", "10000"),
      ("fetch.message.max.bytes", "262144"),
      ("fetch.max.bytes", "4194304"),
      ("fetch.wait.max.ms", String(endWithin)),
      // Added partitions are found within this time.
      ("topic.metadata.refresh.interval.ms", "10000"),
      ("max.poll.interval.ms", String(min(pollInterval, 86_400) * 1000)),
    ]
    // Before 2.2.0 a full queue puts the broker's thread to sleep for a second (librdkafka's issue 2879): there, a thread wakes it.
    if !FetchStallWorkaround.isNeeded { defaults.append(("fetch.queue.backoff.ms", "10")) }
    return defaults
  }

  /// Properties on which the delivery guarantee depends.
  static func fixed(group: String, isolation: Isolation) -> [(String, String)] {
    [
      ("group.id", group),
      ("enable.auto.commit", "false"),
      ("enable.auto.offset.store", "false"),
      // By default an offset out of range silently becomes the end of the log.
      ("auto.offset.reset", "error"),
      ("isolation.level", isolation.rawValue),
      ("enable.partition.eof", "true"),
    ]
  }
}

import Kafka

/// The log that a `SinkTask` lands: a topic whose partitions hold numbered messages.
///
/// Kafka's is `KafkaSource`. Another log needs these few verbs and the same delivery rules: offsets only grow, and a reader delivers each
/// message from the assigned offset on, in order.
protocol LogSource {
  /// Opens a reader of committed messages.
  ///
  /// - Parameters:
  ///   - endDelay: milliseconds after which a partition's end is reported at the latest.
  ///   - isMember: whether partitions are shared with other readers; otherwise the caller assigns all of them.
  func openReader(endDelay: Int, isMember: Bool, log: KafkaLog) throws -> any LogReader

  /// Opens an inspector; it joins no group.
  func openInspector(log: KafkaLog) throws -> TopicInspector
}

/// A reader of a topic. One thread uses it.
protocol LogReader: AnyObject {
  /// The partitions that the group assigned to this member, ascending.
  var assignment: [Int32] { get }

  /// Reads these partitions from these offsets, and no others; nil is the start of the log. What was fetched before is discarded.
  func assign(_ positions: [(partition: Int32, offset: Int64?)]) throws(KafkaError)

  /// Passes on what has arrived. `body` returns whether to go on; if not, the rest is discarded, and `assign` comes before the next poll.
  func poll(milliseconds: Int32, _ body: (KafkaMessage) throws -> Bool) throws -> KafkaConsumer.PollResult

  /// Publishes offsets for tools that show lag. Its failure changes nothing.
  ///
  /// - Parameter milliseconds: how long to wait for the response; nil: not at all.
  func commit(_ positions: [(partition: Int32, offset: Int64)], milliseconds: Int32?)

  /// The end of a partition's log, as of the last response; nil if unknown.
  func lastHighWatermark(_ partition: Int32) -> Int64?

  /// How many connections in use have broken: what is read next may come from another log.
  var disconnects: Int { get }

  /// Whether a connection failed since a server last answered.
  var connectionSuspect: Bool { get }

  /// How long no server has answered; nil while one is not known to be unreachable.
  var unavailableDuration: Duration? { get }

  /// Asks a server whether the topic exists.
  func topicExists(milliseconds: Int32) throws -> Bool

  func close()
}

/// A Kafka topic.
struct KafkaSource: LogSource {
  let configuration: KafkaConfiguration
  let topic: String
  let group: String
  let isStopped: @Sendable () -> Bool

  func openReader(endDelay: Int, isMember: Bool, log: KafkaLog) throws -> any LogReader {
    let consumer = try KafkaConsumer.open(
      configuration, topic: topic, group: group, fetchMaxWait: endDelay, isStopped: isStopped, log: log)
    if isMember { try consumer.subscribe() }
    return consumer
  }

  func openInspector(log: KafkaLog) throws -> TopicInspector {
    try TopicInspector(configuration, topic: topic, group: group, log: log, isStopped: isStopped)
  }
}

extension KafkaConsumer: LogReader {
  func topicExists(milliseconds: Int32) throws -> Bool { try !partitions(milliseconds: milliseconds).isEmpty }
}

import Dataset
import Kafka

/// A Kafka topic as the log of a sink. The only file of this target that knows Kafka's types.
struct KafkaSource: TopicSource {
  let configuration: KafkaConfiguration
  let topic: String
  let group: String
  var instance: String?
  let log: KafkaLog
  let isStopped: @Sendable () -> Bool

  func openReader(endDelay: Int, isMember: Bool) throws(TopicError) -> any TopicReader {
    try TopicError.translating { () throws(KafkaError) in
      let consumer = try KafkaConsumer.open(
        configuration, topic: topic, group: group, instance: isMember ? instance : nil, fetchMaxWait: endDelay, isStopped: isStopped,
        log: log)
      if isMember { try consumer.subscribe() }
      return KafkaReader(consumer)
    }
  }

  func openInspector(logsOutages: Bool) throws(TopicError) -> any TopicInspector {
    try TopicError.translating { () throws(KafkaError) in
      KafkaInspector(
        consumer: try KafkaConsumer.open(
          configuration, topic: topic, group: group, isolation: .readUncommitted, isStopped: isStopped, log: logsOutages ? log : .silent))
    }
  }
}

/// A Kafka consumer that reads committed messages.
private final class KafkaReader: TopicReader {
  private let consumer: KafkaConsumer

  init(_ consumer: KafkaConsumer) { self.consumer = consumer }

  var assignment: [Int32] { consumer.assignment }

  func assign(_ positions: [(partition: Int32, offset: Int64?)]) throws(TopicError) {
    try TopicError.translating { () throws(KafkaError) in try consumer.assign(positions) }
  }

  func poll(timeout: Duration, _ body: (TopicEvent) throws -> Bool) throws -> TopicPollResult {
    do {
      switch try consumer.poll(timeout: timeout, { message in try body(TopicEvent(message)) }) {
      case .read(_, let isDrained): return .polled(isDrained: isDrained)
      case .rebalanced: return .assignmentChanged
      }
    } catch let error as KafkaError {
      throw TopicError(error)
    }
  }

  var wake: @Sendable () -> Void { consumer.wake }

  func publishOffsets(_ positions: [(partition: Int32, offset: Int64)], timeout: Duration?) {
    consumer.commit(positions, timeout: timeout)
  }

  func lastHighWatermark(_ partition: Int32) -> Int64? { consumer.lastHighWatermark(partition) }

  var disconnects: Int { consumer.disconnects }
  var connectionSuspect: Bool { consumer.connectionSuspect }
  var unavailableDuration: Duration? { consumer.unavailableDuration }

  func topicExists(timeout: Duration) throws(TopicError) -> Bool {
    try TopicError.translating { () throws(KafkaError) in try !consumer.partitions(timeout: timeout).isEmpty }
  }

  func close() { consumer.close() }
}

/// A Kafka consumer that inspects the topic.
private struct KafkaInspector: TopicInspector {
  private static let maxTimeout = Duration.seconds(5)

  let consumer: KafkaConsumer

  func metadata(timeout: Duration) throws(TopicError) -> TopicMetadata? {
    let timeout = min(Self.maxTimeout, max(.milliseconds(100), timeout))
    return try TopicError.translating { () throws(KafkaError) in
      let numbers = try consumer.partitions(timeout: timeout)
      guard !numbers.isEmpty else { return nil }
      let cluster = consumer.clusterID(timeout: timeout)
      let watermarks = try consumer.watermarks(of: numbers, timeout: timeout)
      return TopicMetadata(cluster: cluster, partitions: watermarks.mapValues { TopicMetadata.Bounds(start: $0.start, end: $0.end) })
    }
  }

  func firstRecords(from offsets: [(partition: Int32, offset: Int64?)]) throws(TopicError) -> [Int32: RecordIdentity] {
    do { return try read(offsets) } catch { throw TopicError(error) }
  }

  private func read(_ offsets: [(partition: Int32, offset: Int64?)]) throws -> [Int32: RecordIdentity] {
    try consumer.assign(offsets)
    var found: [Int32: RecordIdentity] = [:]
    var open = Set(offsets.map(\.partition))
    let deadline = ContinuousClock.now + Self.maxTimeout
    while !open.isEmpty {
      _ = try consumer.poll(timeout: .milliseconds(2)) { message in
        switch message.content {
        case .message:
          if open.remove(message.partition) != nil {
            found[message.partition] = RecordIdentity(offset: message.offset, timestamp: message.timestamp, broker: message.broker)
          }
        case .partitionEOF:
          open.remove(message.partition)
        case .error(let error):
          guard TopicError(error).kind == .offsetOutOfRange else { throw error }
          // The record was deleted since the watermarks were read, or the log was truncated: the next watermarks show which.
          throw consumer.unavailable("the log of partition \(message.partition) changed")
        }
        return true
      }
      guard ContinuousClock.now < deadline, !consumer.isStopped() else { throw consumer.unavailable("no message arrived") }
    }
    return found
  }

  func offsets(of partitions: [Int32], at time: Int64) throws(TopicError) -> [Int32: Int64] {
    try TopicError.translating { () throws(KafkaError) in
      try consumer.offsets(of: partitions, at: time, timeout: Self.maxTimeout)
    }
  }

  func isCompacted() throws(TopicError) -> Bool {
    try TopicError.translating { () throws(KafkaError) in
      try consumer.configuration(timeout: Self.maxTimeout)["cleanup.policy"]?.contains("compact") ?? false
    }
  }

  func close() { consumer.close() }
}

extension TopicEvent {
  @inline(__always)
  fileprivate init(_ message: KafkaMessage) {
    if message.isMessage {
      self = .record(
        SinkRecord(
          partition: message.partition, offset: message.offset, timestamp: message.timestamp, broker: message.broker, key: message.key,
          payload: message.payload))
    } else if case .error(let error) = message.content {
      self = .failure(TopicError(error))
    } else {
      self = .end(partition: message.partition, offset: message.offset)
    }
  }
}

extension TopicError {
  /// The error as the sink sees it.
  init(_ error: any Error) {
    guard let error = error as? KafkaError else {
      self.init(kind: .other, isRetriable: false, cause: error)
      return
    }
    let kind: Kind =
      switch error.name {
      case "_AUTO_OFFSET_RESET", "OFFSET_OUT_OF_RANGE": .offsetOutOfRange
      case "_MAX_POLL_EXCEEDED": .membershipLost
      default: error.kind == .unavailable ? .unavailable : .other
      }
    self.init(kind: kind, isRetriable: error.isRetriable, cause: error)
  }

  fileprivate static func translating<T>(_ body: () throws(KafkaError) -> T) throws(TopicError) -> T {
    do { return try body() } catch { throw TopicError(error) }
  }
}

extension SinkLog {
  init(_ log: KafkaLog) {
    self.init { level, text in
      switch level {
      case .debug: log(.debug, text)
      case .info: log(.info, text)
      case .warning: log(.warning, text)
      case .error: log(.error, text)
      }
    }
  }
}

extension SinkTask {
  /// - Parameters:
  ///   - isStopped: whether to end the run; called often, from two threads.
  ///   - report: called a few times per second, on the thread that calls `run()`.
  /// - Throws: `SinkError` if the options and the description do not fit together, or if no thread can be created.
  package convenience init(
    resource: Resource, options: SinkOptions, configuration: KafkaConfiguration, log: KafkaLog = .silent,
    isStopped: @escaping @Sendable () -> Bool = { false }, report: @escaping (SinkProgress) -> Void = { _ in }
  ) throws {
    let source = KafkaSource(
      configuration: configuration, topic: options.topic, group: options.group, instance: options.instanceID, log: log,
      isStopped: isStopped)
    try self.init(resource: resource, options: options, source: source, log: SinkLog(log), isStopped: isStopped, report: report)
  }
}

extension SinkDryRun {
  /// - Parameter isStopped: whether to end; called often, on the thread that calls `run`.
  /// - Throws: `SinkError` of kind `configuration` if the options and the description do not fit together.
  package convenience init(
    resource: Resource, options: SinkOptions, configuration: KafkaConfiguration, log: KafkaLog = .silent,
    isStopped: @escaping @Sendable () -> Bool = { false }
  ) throws {
    let source = KafkaSource(configuration: configuration, topic: options.topic, group: options.group, log: log, isStopped: isStopped)
    try self.init(resource: resource, options: options, source: source, log: SinkLog(log), isStopped: isStopped)
  }
}

extension SinkMaintenance {
  /// - Parameter isStopped: whether to end; called often.
  /// - Throws: `SinkError` of kind `configuration` if the options and the description do not fit together.
  package convenience init(
    resource: Resource, options: SinkOptions, configuration: KafkaConfiguration, log: KafkaLog = .silent,
    isStopped: @escaping @Sendable () -> Bool = { false }
  ) throws {
    let source = KafkaSource(configuration: configuration, topic: options.topic, group: options.group, log: log, isStopped: isStopped)
    try self.init(resource: resource, options: options, source: source, log: SinkLog(log), isStopped: isStopped)
  }
}

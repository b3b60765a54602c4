import Dataset
import Kafka
import Postgres

/// A dry run: reads the messages that a `SinkTask` would read, and shows the rows that it would insert. It joins no group, needs no
/// database and writes nothing.
public final class SinkDryRun {
  /// One item of the output.
  public enum Line {
    case row(partition: Int32, offset: Int64, json: [UInt8])
    case reject(partition: Int32, offset: Int64, reason: String)
    /// A tombstone, with `--tombstones delete`.
    case delete(partition: Int32, offset: Int64)
    /// Nothing more at present: the caller may flush its output.
    case pause
  }

  private let resource: Resource
  private let options: SinkOptions
  private let configuration: KafkaConfiguration
  private let log: KafkaLog
  private let isStopped: @Sendable () -> Bool
  /// The mapper of the real run, so that the reasons for rejects are the same.
  private var recordMapper: RecordMapper
  private let rows = BinaryCopyBuffer()
  private let encoder: MessageEncoder
  private var line: [UInt8] = []

  /// - Parameter isStopped: whether to end; called often, on the thread that calls `run`.
  /// - Throws: `SinkError` of kind `configuration` if the options and the description do not fit together.
  public init(
    resource: Resource, options: SinkOptions, configuration: KafkaConfiguration, log: KafkaLog = .silent,
    isStopped: @escaping @Sendable () -> Bool = { false }
  ) throws {
    self.resource = resource
    self.options = options
    self.configuration = configuration
    self.log = log
    self.isStopped = isStopped
    recordMapper = try RecordMapper(resource, schema: TableSchema(resource), options: options)
    encoder = MessageEncoder(resource: resource)
  }

  /// Reads from the stored offsets, or from the start, and passes each message to `show`; with `exitAtEnd` until the end, otherwise until
  /// `isStopped`.
  ///
  /// - Throws: `SinkError`, of kind `stopped` after `isStopped`; `KafkaError`; the errors of `show`.
  public func run(_ show: (Line) throws -> Void) throws {
    let topic = try resolveTopic()
    var tracker = PartitionTracker()
    tracker.start(try storedOffsets(topic.partitionIDs), ends: options.exitAtEnd ? topic.partitions.mapValues(\.end) : [:])
    guard !tracker.partitions.isEmpty else { return }
    let consumer = try KafkaConsumer.open(configuration, topic: options.topic, group: options.group, log: log)
    defer { consumer.close() }
    try consumer.assign(
      tracker.partitions.map { progress in
        // If the log starts later, reading starts there; a real run would also report the number of lost offsets.
        (progress.partition, max(progress.next ?? 0, topic.partitions[progress.partition]?.start ?? 0))
      })
    while !(options.exitAtEnd && tracker.haveReachedTargets) {
      if isStopped() { throw SinkError.stopped }
      _ = try consumer.poll(milliseconds: 20) { message in
        switch message.content {
        case .partitionEOF:
          tracker.handleEnd(partition: message.partition, offset: message.offset)
        case .error(let error):
          if error.kind != .unavailable { throw error }
        case .message:
          // Nothing is stored, so it does not matter whether the log is still the one that was read.
          tracker.markVerified([message.partition])
          let decision = tracker.handle(
            partition: message.partition, offset: message.offset, timestamp: message.timestamp, broker: message.broker)
          if decision == .accept { try show(try render(message)) }
        }
        return true
      }
      try show(.pause)
      if consumer.connectionSuspect { _ = try? consumer.partitions(milliseconds: 500) }
      if let away = consumer.unavailableDuration, away >= .seconds(options.retrySeconds) {
        throw consumer.unavailable("no broker responded")
      }
    }
  }

  private func resolveTopic() throws -> TopicMetadata {
    let inspector = try TopicInspector(configuration, topic: options.topic, group: options.group, log: log, isStopped: isStopped)
    defer { inspector.close() }
    let start = ContinuousClock.now
    var isLogged = false
    while true {
      do {
        if let topic = try inspector.topicMetadata(timeout: .seconds(options.retrySeconds) - (ContinuousClock.now - start)) { return topic }
        if !isLogged { log(.warning, "topic \(options.topic) does not exist; trying for \(options.retrySeconds) s") }
        isLogged = true
        guard ContinuousClock.now - start < .seconds(options.retrySeconds) else {
          throw SinkError(
            .unavailable, "topic \(options.topic) does not exist", hint: "publish to it first, or choose another topic with --topic")
        }
      } catch let error as KafkaError where error.kind == .unavailable {
        guard ContinuousClock.now - start < .seconds(options.retrySeconds) else { throw error }
      }
      if !sleep(.milliseconds(100), unless: isStopped) { throw SinkError.stopped }
    }
  }

  /// The stored offsets if a database responds and has them; otherwise none, which means the start of the log.
  private func storedOffsets(_ partitions: [Int32]) throws -> [StoredOffset] {
    var offsets: [Int32: StoredOffset] = [:]
    do {
      let store = try PostgresStore(options: options, resource: resource, log: .silent, waiting: PostgresWaitState(isStopped: isStopped))
      defer { store.close() }
      for row in try store.loadOffsetsIfPresent() { offsets[row.partition] = row }
    } catch let error as PostgresError {
      log(.info, "no stored offsets (\(error)): reading from the start")
    }
    return partitions.map { offsets[$0] ?? StoredOffset(partition: $0, next: nil, cluster: nil, last: nil) }
  }

  private func render(_ message: KafkaMessage) throws -> Line {
    rows.clear()
    do throws(RejectReason) {
      if try recordMapper.encode(message, into: rows) {
        return .delete(partition: message.partition, offset: message.offset)
      }
    } catch {
      return .reject(partition: message.partition, offset: message.offset, reason: error.text)
    }
    line.removeAll(keepingCapacity: true)
    encoder.appendValue(of: recordMapper.row, to: &line)
    return .row(partition: message.partition, offset: message.offset, json: line)
  }
}

import Dataset
import Postgres

/// A dry run: reads the messages that a `SinkTask` would read, and shows the rows that it would insert. It joins no group, needs no
/// database and writes nothing.
package final class SinkDryRun {
  /// One item of the output.
  package enum Line {
    case row(partition: Int32, offset: Int64, json: [UInt8])
    case reject(partition: Int32, offset: Int64, reason: String)
    /// A tombstone, with `--tombstones delete`.
    case delete(partition: Int32, offset: Int64)
    /// Nothing more at present: the caller may flush its output.
    case pause
  }

  private let resource: Resource
  private let options: SinkOptions
  private let source: any TopicSource
  private let log: SinkLog
  private let isStopped: @Sendable () -> Bool
  /// The mapper of the real run, so that the reasons for rejects are the same.
  private var recordMapper: RecordMapper
  private let rows = BinaryCopyBuffer()
  private let encoder: MessageEncoder
  private var line: [UInt8] = []

  init(resource: Resource, options: SinkOptions, source: any TopicSource, log: SinkLog, isStopped: @escaping @Sendable () -> Bool) throws {
    self.resource = resource
    self.options = options
    self.source = source
    self.log = log
    self.isStopped = isStopped
    recordMapper = try RecordMapper(resource, schema: TableSchema(resource), options: options)
    encoder = MessageEncoder(resource: resource)
  }

  /// Reads from the stored offsets, or from the start, and passes each message to `show`; with `exitAtEnd` until the end, otherwise until
  /// `isStopped`.
  ///
  /// - Throws: `SinkError`, of kind `stopped` after `isStopped`; the error of the log's client; the errors of `show`.
  package func run(_ show: (Line) throws -> Void) throws {
    do { try read(show) } catch let error as TopicError { throw error.cause }
  }

  private func read(_ show: (Line) throws -> Void) throws {
    let topic = try resolveTopic()
    var tracker = PartitionTracker()
    tracker.start(try submittedOffsets(topic.partitionIDs), ends: options.exitAtEnd ? topic.partitions.mapValues(\.end) : [:])
    guard !tracker.partitions.isEmpty else { return }
    let reader = try source.openReader(endDelay: 20, isMember: false)
    defer { reader.close() }
    try reader.assign(
      tracker.partitions.map { progress in
        // If the log starts later, reading starts there; a real run would also report the number of lost offsets.
        (progress.partition, max(progress.next ?? 0, topic.partitions[progress.partition]?.start ?? 0))
      })
    var brokers = BrokerHealth(retrySeconds: options.retrySeconds)
    while !(options.exitAtEnd && tracker.haveReachedTargets) {
      if isStopped() { throw SinkError.stopped }
      _ = try reader.poll(timeout: .milliseconds(20)) { event in
        switch event {
        case .end(let partition, let offset):
          tracker.handleEnd(partition: partition, offset: offset)
        case .failure(let error):
          if error.kind != .unavailable { throw error }
        case .record(let record):
          // Nothing is stored, so it does not matter whether the log is still the one that was read.
          tracker.markVerified([record.partition])
          if tracker.handle(record) == .accept { try show(try render(record)) }
        }
        return true
      }
      try show(.pause)
      _ = try reader.probe(&brokers)
    }
  }

  private func resolveTopic() throws -> TopicMetadata {
    let inspector = try source.openInspector(logsOutages: true)
    defer { inspector.close() }
    return try inspector.waitForTopic(options, log: log, isStopped: isStopped)
  }

  /// The stored offsets if a database responds and has them; otherwise none, which means the start of the log.
  private func submittedOffsets(_ partitions: [Int32]) throws -> [StoredOffset] {
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

  private func render(_ record: SinkRecord) throws -> Line {
    rows.clear()
    do throws(RejectReason) {
      if try recordMapper.encode(record, into: rows) {
        return .delete(partition: record.partition, offset: record.offset)
      }
    } catch {
      return .reject(partition: record.partition, offset: record.offset, reason: error.text)
    }
    line.removeAll(keepingCapacity: true)
    encoder.appendValue(of: recordMapper.row, to: &line)
    return .row(partition: record.partition, offset: record.offset, json: line)
  }
}

import Dataset
import Postgres

/// Shows and changes what the consumer has stored about a topic: offsets and rejected records. It may run beside followers.
package final class SinkMaintenance {
  let resource: Resource
  let options: SinkOptions
  let database: RetryingStore
  let log: SinkLog
  let isStopped: @Sendable () -> Bool
  private let source: any TopicSource

  init(
    resource: Resource, options: SinkOptions, source: any TopicSource, log: SinkLog, isStopped: @escaping @Sendable () -> Bool
  ) throws(SinkError) {
    self.resource = resource
    var options = options
    options.keepsNewerRows = true
    self.options = options
    self.source = source
    self.log = log
    self.isStopped = isStopped
    database = try RetryingStore(resource: resource, options: options, log: log, isStopped: isStopped, isAbandoned: isStopped)
  }

  /// Whether messages that are read again would land twice.
  package var hasNoKey: Bool { resource.primaryKey.isEmpty }

  /// Ends the session with Postgres.
  package func close() { database.store.close() }

  // MARK: Status

  /// What is known about a partition. A value is nil while Kafka or Postgres, whichever has it, is unavailable.
  package struct Partition: Sendable, Equatable {
    /// Its id.
    package let id: Int32
    /// The offset of its first message.
    package internal(set) var start: Int64?
    /// The offset behind its last message.
    package internal(set) var end: Int64?
    /// The next offset to read; also nil if nothing was read yet.
    package internal(set) var stored: Int64?
    /// Offsets between what was read and the end; also nil if the log is not the one that was read.
    package internal(set) var lag: Int64?
    /// Number of its rejected records.
    package internal(set) var rejected: Int?
    /// When the stored offset last changed: RFC 3339, in UTC.
    package internal(set) var updatedAt: String?
  }

  /// The row that landed last, by the time of its transaction.
  package struct LandedRow: Sendable, Equatable {
    /// RFC 3339, in UTC.
    package let landedAt: String
    /// Where its message is.
    package let partition: Int32
    /// Where its message is.
    package let offset: Int64
  }

  /// The topic, what was read of it, and what is unavailable.
  package struct Status: Sendable {
    /// Ascending.
    package internal(set) var partitions: [Partition] = []
    /// Nil if no row of the topic is in the table.
    package internal(set) var lastLanded: LandedRow?
    /// Why the topic is not the one that was read; nil if it is, as far as its bounds show.
    package internal(set) var mismatch: String?
    /// Why values are missing: the errors of Postgres and Kafka, and those about the table and the topic.
    package internal(set) var failures: [any Error] = []
  }

  private struct Stored {
    var offsets: [StoredOffset] = []
    var updatedAt: [Int32: String] = [:]
    var rejected: [Int32: Int] = [:]
    var lastLanded: LandedRow?
    var failure: (any Error)?
  }

  /// Asks Postgres and Kafka; what does not answer is among the failures.
  ///
  /// - Throws: `SinkError` of kind `stopped` after a signal.
  package func status() throws -> Status {
    var status = Status()
    // The offsets first: a follower that runs beside this advances them, and they must not be beyond the ends.
    let stored = try collect(&status) { try database.run(readStored) }
    if let failure = stored?.failure { status.failures.append(failure) }
    status.lastLanded = stored?.lastLanded
    let topic = try collect(&status) { try inspectTopic { try requireTopic($0) } }
    if let stored, let topic { status.mismatch = TopicIdentity.mismatch(stored.offsets, topic) }
    let offsets = Dictionary(uniqueKeysWithValues: (stored?.offsets ?? []).map { ($0.partition, $0.next) })
    for id in Set(offsets.keys).union(topic?.partitionIDs ?? []).sorted() {
      let bounds = topic?.partitions[id]
      var partition = Partition(id: id, start: bounds?.start, end: bounds?.end)
      if let stored {
        partition.stored = offsets[id] ?? nil
        partition.rejected = stored.rejected[id] ?? 0
        partition.updatedAt = stored.updatedAt[id]
        if let bounds, partition.stored ?? 0 <= bounds.end { partition.lag = bounds.end - max(partition.stored ?? 0, bounds.start) }
      }
      status.partitions.append(partition)
    }
    return status
  }

  /// The value of `body`, or nil and one more failure.
  private func collect<T>(_ status: inout Status, _ body: () throws -> T) throws -> T? {
    do {
      return try body()
    } catch let error as SinkError where error.kind == .stopped {
      throw error
    } catch {
      status.failures.append((error as? TopicError)?.cause ?? error)
      return nil
    }
  }

  private func readStored(_ store: PostgresStore) throws -> Stored {
    let connection = try store.connection()
    let sql = try store.resolveStatements(connection)
    var stored = Stored()
    if try exists(sql.names.offsets, connection) {
      stored.offsets = try store.loadOffsets(sql, connection)
      for row in try connection.query(sql.readUpdates) { if let id = row[0].flatMap({ Int32($0) }) { stored.updatedAt[id] = row[1] } }
    }
    if try exists(sql.names.rejected, connection) {
      for row in try connection.query(sql.countRejected) {
        if let id = row[0].flatMap({ Int32($0) }) { stored.rejected[id] = row[1].flatMap { Int($0) } }
      }
    }
    do {
      try requireTable(sql, connection)
      if let row = try connection.query(sql.lastLanded).first, let at = row[0], let id = row[1].flatMap({ Int32($0) }),
        let offset = row[2].flatMap({ Int64($0) })
      {
        stored.lastLanded = LandedRow(landedAt: at, partition: id, offset: offset)
      }
    } catch {
      // The rest is known all the same.
      stored.failure = error
    }
    return stored
  }

  func exists(_ table: String, _ connection: PostgresConnection) throws -> Bool {
    try connection.query("SELECT to_regclass($1)", [table]).firstValue != nil
  }

  func requireTable(_ sql: SinkSQL, _ connection: PostgresConnection) throws {
    guard try !exists(sql.names.table, connection) else { return }
    throw SinkError(
      .unavailable, "table \(sql.names.table) does not exist",
      hint: "Run netflix-consumer, which creates it, or choose another with --table.")
  }

  private func inspectTopic<T>(_ body: (any TopicInspector) throws -> T) throws -> T {
    do {
      let inspector = try source.openInspector(logsOutages: false)
      defer { inspector.close() }
      return try body(inspector)
    } catch let error as TopicError {
      if isStopped() { throw SinkError.stopped }
      throw error.cause
    }
  }

  private func requireTopic(_ inspector: any TopicInspector) throws -> TopicMetadata {
    guard let topic = try inspector.metadata(timeout: .seconds(options.retrySeconds)) else {
      throw SinkError(
        .unavailable, "topic \(options.topic) does not exist", hint: "Publish to it first, or choose another with --topic.")
    }
    return topic
  }

  // MARK: Offsets

  /// Where to continue reading.
  package enum OffsetTarget: Sendable, Equatable {
    /// The first message in the log.
    case beginning
    /// Behind the last message.
    case end
    case offset(Int64)
    /// The first message of this time or later, in milliseconds since the Unix epoch; the end of the log if all are earlier.
    case time(Int64)
  }

  /// The change of a stored offset; nil is the start of the log.
  package struct OffsetChange: Sendable, Equatable {
    /// The partition's id.
    package let partition: Int32
    /// The offset before.
    package let old: Int64?
    /// The offset to continue from.
    package let new: Int64?
    /// Offsets that are read again.
    package let repeated: Int64
    /// Offsets that are not read.
    package let skipped: Int64
    /// Rejected records that are deleted, since their messages are read again.
    package let rejected: Int
    fileprivate let offsetsWithRejected: Range<Int64>
  }

  /// Plans the change of stored offsets, and makes it in one transaction, under the lock of a reset. Followers notice and continue from there.
  ///
  /// - Parameters:
  ///   - ids: the partitions; empty for all.
  ///   - executes: whether to make the change.
  ///   - doublesRows: whether rows without a key may be read again.
  /// - Throws: `SinkError`, of kind `unavailable` if the topic or the table is missing, `usage` if the topic does not have the offset,
  ///   `configuration` if rows would be doubled; `PostgresError`; `KafkaError`.
  package func setOffsets(to target: OffsetTarget, of ids: [Int32], executes: Bool, doublesRows: Bool) throws -> [OffsetChange] {
    try inspectTopic { inspector in
      // Connected before the lock is held.
      _ = try requireTopic(inspector)
      return try database.run { store in
        let connection = try store.connection()
        let sql = try store.resolveStatements(connection)
        return try connection.transaction(store.lockTimeout) { connection in
          try requireTables(sql, store, connection)
          if executes { try connection.execute(sql.lockForReset) }
          // The offsets first, as for the status: none may be beyond the ends.
          let stored = try store.loadOffsets(sql, connection)
          let topic = try requireTopic(inspector)
          let places = try resolve(target, of: ids, topic, inspector)
          let mismatch = TopicIdentity.mismatch(stored, topic)
          if let mismatch { log(.warning, "topic \(options.topic) is not the one that was read: \(mismatch)") }
          let changes = try places.map { try change(to: $0, topic, stored, wasRead: mismatch == nil, sql, connection) }
          if executes { try make(changes, doublesRows: doublesRows, cluster: topic.cluster, sql, store, connection) }
          return changes
        }
      }
    }
  }

  private func requireTables(_ sql: SinkSQL, _ store: PostgresStore, _ connection: PostgresConnection) throws {
    try requireTable(sql, connection)
    for table in [sql.offsets, sql.rejected] {
      guard try exists(table.name, connection) else {
        throw SinkError(.unavailable, "table \(table.name) does not exist", hint: "Run netflix-consumer, which creates it.")
      }
      try store.checkBookkeepingTable(table, connection)
    }
  }

  private func make(
    _ changes: [OffsetChange], doublesRows: Bool, cluster: String?, _ sql: SinkSQL, _ store: PostgresStore, _ connection: PostgresConnection
  ) throws {
    if hasNoKey, !doublesRows, let change = changes.first(where: { $0.repeated > 0 }) {
      throw SinkError(
        .configuration,
        "without a key, reading \(change.repeated) offsets of partition \(change.partition) again would double their rows",
        hint: "Delete these rows first, or add --force to land them twice. To read the whole topic again, run netflix-consumer "
          + "--exit-at-end --from-beginning --replace.")
    }
    try store.accessing(sql.offsets) { _ = try connection.query(sql.insertOffsets(changes.map(\.partition))) }
    let cluster = try cluster.map { try connection.quoteLiteral($0) } ?? "NULL"
    let set = sql.setOffsets(changes.map { ($0.partition, $0.new) }, cluster: cluster)
    guard try store.accessing(sql.offsets, { try connection.execute(set) }) == changes.count else {
      throw try store.alterationError(sql.offsets, "an UPDATE changes no row, although the row is there")
    }
    for change in changes where change.rejected > 0 {
      _ = try store.deleteRejected(
        sql.rejected(of: change.partition, change.offsetsWithRejected), count: change.rejected, connection, sql)
    }
  }

  private func resolve(
    _ target: OffsetTarget, of ids: [Int32], _ topic: TopicMetadata, _ inspector: any TopicInspector
  ) throws -> [(partition: Int32, offset: Int64?)] {
    for id in ids where topic.partitions[id] == nil { throw SinkError(.usage, "topic \(options.topic) has no partition \(id)") }
    let ids = ids.isEmpty ? topic.partitionIDs : Set(ids).sorted()
    let found: [Int32: Int64] = if case .time(let time) = target { try inspector.offsets(of: ids, at: time) } else { [:] }
    return try ids.map { id in
      guard let bounds = topic.partitions[id] else { return (id, nil) }
      switch target {
      case .beginning: return (id, nil)
      case .end: return (id, bounds.end)
      case .time: return (id, found[id] ?? bounds.end)
      case .offset(let offset):
        guard (bounds.start...bounds.end).contains(offset) else {
          throw SinkError(
            .usage, "offset \(offset) is not in partition \(id) of topic \(options.topic), which has \(bounds.start) to \(bounds.end)",
            hint: "Choose one of these, beginning or end; --partition N changes one partition only.")
        }
        return (id, offset)
      }
    }
  }

  private func change(
    to place: (partition: Int32, offset: Int64?), _ topic: TopicMetadata, _ stored: [StoredOffset], wasRead: Bool, _ sql: SinkSQL,
    _ connection: PostgresConnection
  ) throws -> OffsetChange {
    let bounds = topic.partitions[place.partition] ?? TopicMetadata.Bounds(start: 0, end: 0)
    let old = stored.first { $0.partition == place.partition }?.next
    let (before, after) = (wasRead ? max(old ?? bounds.start, bounds.start) : bounds.start, place.offset ?? bounds.start)
    // Messages that retention has deleted are not read again, nor those that were not read yet, or in a log that is gone.
    let again = after..<max(before, after)
    let rejected = try connection.query("SELECT count(*) " + sql.rejected(of: place.partition, again)).firstValue
    return OffsetChange(
      partition: place.partition, old: old, new: place.offset, repeated: max(0, before - after), skipped: max(0, after - before),
      rejected: rejected.flatMap { Int($0) } ?? 0, offsetsWithRejected: again)
  }
}

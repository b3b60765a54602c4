import Dataset
import Postgres

/// The Postgres side of the sink: one session, the table, its offsets and its rejects.
///
/// `@unchecked`: the reader's thread and the writer's thread use it in turns, never at the same time; a semaphore passes it between them.
/// libpq's manual (34.20): "One thread restriction is that no two threads attempt to manipulate the same PGconn object at the same time."
final class PostgresStore: @unchecked Sendable {
  let options: SinkOptions
  let resource: Resource
  let tableSchema: TableSchema
  let log: SinkLog
  private let waiting: PostgresWaitState
  /// Maximum time to open a session, in seconds.
  var connectSeconds = Double.infinity
  /// Partitions that had a row of offsets since this run began, or since the table was made.
  var seenPartitions: Set<Int32> = []
  private var session: PostgresConnection?
  /// The statements for the table in its resolved schema; nil until `ensureSchema`.
  var sql: SinkSQL?
  var rejectEncoder: RejectRowEncoder
  /// The id of the Kafka cluster; nil if the broker reports none.
  var cluster: String?
  /// Whether `resetOffsets` has run: with `replace`, the rows are deleted by then.
  var wasReset = false

  init(options: SinkOptions, resource: Resource, log: SinkLog, waiting: PostgresWaitState = PostgresWaitState()) throws(SinkError) {
    self.options = options
    self.waiting = waiting
    self.log = log
    self.resource = resource
    tableSchema = try TableSchema(resource)
    rejectEncoder = RejectRowEncoder(table: options.table, group: options.group, topic: options.topic)
  }

  /// The session; a new one if the last one broke. The outcome of the old session's transaction is unknown then: the caller must read the
  /// stored offsets again.
  func connection() throws -> PostgresConnection {
    if let session, session.isUsable { return session }
    session?.close()
    session = nil
    let log = log
    let connection = try PostgresConnection.open(
      options.database, applicationName: options.applicationName, timeout: .seconds(min(10, max(1, connectSeconds))), waitState: waiting
    ) { notice in
      log(notice.severity == "WARNING" ? .warning : .debug, "Postgres: \(notice.message)")
    }
    session = connection
    do {
      if let sql { try createStage(sql, connection) }
    } catch {
      close()
      throw error
    }
    return connection
  }

  /// Creates the staging table of a session. Behind a pooler each transaction creates its own.
  func createStage(_ sql: SinkSQL, _ connection: PostgresConnection) throws(PostgresError) {
    if sql.hasStage, !connection.isPooled { try connection.execute(sql.createStage(forTransaction: false)) }
  }

  /// What limits a transaction's waits for locks to the time that is left; empty where the session's own limit does.
  var lockTimeout: String {
    connectSeconds < PostgresConnection.lockSeconds ? "SET LOCAL lock_timeout = \(max(1, Int(connectSeconds * 1000)))" : ""
  }

  var isConnected: Bool { session?.isUsable ?? false }

  /// Closes the session, which rolls back an open transaction.
  func close() {
    session?.close()
    session = nil
  }

  /// Rolls back a failed transaction; closes the session if that fails.
  func rollback() {
    guard let session else { return }
    do { try session.rollback() } catch { close() }
  }

  func statements() throws -> SinkSQL {
    guard let sql else { throw SinkError(.internal, "the table was used before it was checked") }
    return sql
  }
}

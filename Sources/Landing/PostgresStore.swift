import Dataset
import Kafka
import Postgres

/// The landing's side of Postgres: one session, the table, its offsets and its rejects.
///
/// `@unchecked`: the reader's thread and the writer's use it by turns, never both; a semaphore hands it over. libpq's manual (34.20): «One
/// thread restriction is that no two threads attempt to manipulate the same PGconn object at the same time.»
final class PostgresStore: @unchecked Sendable {
  let options: SinkOptions
  let resource: Resource
  let tableSchema: TableSchema
  let log: KafkaLog
  private let waiting: PostgresWaitPolicy
  /// How long opening a session, or a wait for a lock, may take at most.
  var connectSeconds = Double.infinity
  /// Partitions that had a row of offsets since this run began, or since the table was made.
  var seenPartitions: Set<Int32> = []
  private var session: PostgresConnection?
  /// The texts for the table where it turned out to be; nil until `ensureSchema`.
  var sql: SinkSQL?
  var rejectEncoder: RejectRowEncoder
  /// The cluster that is read, as an SQL value.
  var cluster: String?
  /// COMMITs that came through; for tests and metrics.
  private(set) var sessions = 0
  /// The rows were deleted as `replace` asks.
  var wasReset = false

  init(options: SinkOptions, resource: Resource, log: KafkaLog, waiting: PostgresWaitPolicy = PostgresWaitPolicy()) throws(SinkError) {
    self.options = options
    self.waiting = waiting
    self.log = log
    self.resource = resource
    tableSchema = try TableSchema(resource)
    rejectEncoder = RejectRowEncoder(table: options.table, group: options.group, topic: options.topic)
  }

  /// The session; a new one where the last one broke. A new session knows nothing of what an old one left: the caller reads offsets again.
  func connection() throws -> PostgresConnection {
    if let session, session.isUsable { return session }
    session?.close()
    session = nil
    let log = log
    let connection = try PostgresConnection.open(
      options.database, applicationName: "netflix-consumer", seconds: min(10, max(1, connectSeconds)), waiting: waiting
    ) { notice in
      log(notice.severity == "WARNING" ? .warning : .debug, "Postgres: \(notice.message)")
    }
    sessions += 1
    session = connection
    do {
      if let sql { try createStage(sql, connection) }
    } catch {
      close()
      throw error
    }
    return connection
  }

  /// Makes the staging table of a session. Behind a pooler each transaction makes its own.
  func createStage(_ sql: SinkSQL, _ connection: PostgresConnection) throws(PostgresError) {
    if sql.hasStage, !connection.isPooled { try connection.execute(sql.createStage(forTransaction: false)) }
  }

  /// What limits a transaction's waits for locks to the time that is left; empty where the session's own limit does.
  var lockTimeout: String {
    connectSeconds < PostgresConnection.lockSeconds ? "SET LOCAL lock_timeout = \(max(1, Int(connectSeconds * 1000)))" : ""
  }

  var isConnected: Bool { session?.isUsable ?? false }

  /// Ends the session, and with it whatever it left open.
  func close() {
    session?.close()
    session = nil
  }

  /// Takes the session out of a failed transaction; one that cannot even do that is closed.
  func rollback() {
    guard let session else { return }
    do { try session.rollback() } catch { close() }
  }

  func statements() throws -> SinkSQL {
    guard let sql else { throw SinkError(.internal, "the table was not seen to before it was used") }
    return sql
  }
}

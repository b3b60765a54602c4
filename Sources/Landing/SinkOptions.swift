/// The user's options for a `SinkTask`.
package struct SinkOptions: Sendable {
  /// How to handle a message without a payload: reject it, or delete the row of its key.
  package enum Tombstones: String, Sendable, CaseIterable {
    case reject, delete
  }

  /// The topic to read.
  package var topic: String
  /// The consumer group: offsets are stored per group, and a follower joins it.
  package var group = "netflix-consumer"
  /// The identity of a follower in its group, which it keeps when it starts again; nil: each run is a new member.
  package var instanceID: String?
  /// The table, with or without its schema.
  package var table: String
  /// A URL or a libpq connection string; nil uses the PG* environment variables.
  package var database: String?
  /// Read up to the end seen at the start, then stop; otherwise follow as a member of the group.
  package var exitAtEnd = false
  /// Reset the stored offsets and read the topic from its start; needs `exitAtEnd`.
  package var fromBeginning = false
  /// With `fromBeginning`: empty the table as well.
  package var replace = false
  /// Land in a table that another program created: columns are added to it, and rows are inserted beside the existing ones.
  package var adoptTable = false
  /// Maximum number of messages per batch.
  package var batchRows = 50_000
  /// Maximum age of a batch before it is written, in seconds.
  package var batchSeconds = 1.0
  /// How to handle a message without a payload.
  package var tombstones = Tombstones.reject
  /// Land rejected records again: a row of a later offset of the same partition stays.
  var keepsNewerRows = false
  /// The name of the sessions in pg_stat_activity.
  package var applicationName = "netflix-consumer"
  /// How long to retry while Kafka or Postgres is unavailable, in seconds since the last success.
  package var retrySeconds = 90
  /// Minimum time to wait for an open transaction below the end, in seconds: the broker ends a transaction after transaction.timeout.ms,
  /// which is 60 s by the producer's default, and checks every 10 s.
  var openTransactionTimeoutSeconds = 75
  /// Seconds after which another run's session that holds offsets and sends nothing is ended.
  var stuckSessionTimeoutSeconds = 60
  /// Seconds that Postgres has to respond after a signal: the batch in flight finishes, or its session is abandoned.
  var graceSeconds = 4.0

  /// Options with defaults for everything else.
  package init(topic: String, table: String) {
    self.topic = topic
    self.table = table
  }

  /// Maximum bytes of rows, rejects and retained payloads in a batch: with two batches the whole program stays under 64 MB.
  static let batchBytes = 13 << 20
}

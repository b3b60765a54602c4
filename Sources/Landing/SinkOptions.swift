import Kafka

/// The user's options for a `SinkTask`.
public struct SinkOptions: Sendable {
  /// How to handle a message without a payload: reject it, or delete the row of its key.
  public enum Tombstones: String, Sendable, CaseIterable {
    case reject, delete
  }

  /// The topic to read.
  public var topic: String
  /// The consumer group: offsets are stored per group, and a follower joins it.
  public var group = "netflix-consumer"
  /// The table, with or without its schema.
  public var table: String
  /// A URL or a libpq connection string; nil uses the PG* environment variables.
  public var database: String?
  /// Read up to the end seen at the start, then stop; otherwise follow as a member of the group.
  public var exitAtEnd = false
  /// Reset the stored offsets and read the topic from its start; needs `exitAtEnd`.
  public var fromBeginning = false
  /// With `fromBeginning`: empty the table as well.
  public var replace = false
  /// Land in a table that another program created: columns are added to it, and rows are inserted beside the existing ones.
  public var adoptTable = false
  /// Maximum number of messages per batch.
  public var batchRows = 50_000
  /// Maximum age of a batch before it is written, in seconds.
  public var batchSeconds = 1.0
  /// How to handle a message without a payload.
  public var tombstones = Tombstones.reject
  /// How long to retry while Kafka or Postgres is unavailable, in seconds since the last success.
  public var retrySeconds = 90
  /// Minimum time to wait for an open transaction below the end, in seconds: the broker ends a transaction after transaction.timeout.ms,
  /// which is 60 s by the producer's default, and checks every 10 s.
  var openTransactionTimeoutSeconds = 75
  /// Seconds after which another run's session that holds offsets and sends nothing is ended.
  var stuckSessionTimeoutSeconds = 60
  /// Seconds that Postgres has to respond after a signal: the batch in flight finishes, or its session is abandoned.
  var graceSeconds = 4.0

  /// Options with defaults for everything else.
  public init(topic: String, table: String) {
    self.topic = topic
    self.table = table
  }

  /// Maximum bytes of rows, rejects and retained payloads in a batch: with two batches the whole program stays under 64 MB.
  static let batchBytes = 13 << 20
}

/// The progress of a `SinkTask`, for a progress bar and for metrics.
public struct SinkProgress: Sendable {
  /// Counts so far.
  public var summary = SinkSummary()
  /// Lag by partition: offsets between the read position and the high watermark.
  public var lag: [Int32: Int64] = [:]
  /// `--exit-at-end`: the share of all offsets that has been read, 0...1; otherwise nil.
  public var fraction: Double?
  /// Seconds that the reader spent polling Kafka.
  public var secondsInKafka = 0.0
  /// Seconds that the writer spent in Postgres, including waiting.
  public var secondsInPostgres = 0.0
  /// Number of retried transactions and connections.
  public var retries = 0
  /// The current database failure, or nil. May be called from any thread, also while the run waits.
  public internal(set) var databaseFailure: @Sendable () -> String? = { nil }

  /// Progress with zero counts.
  public init() {}
}

/// The counts of a run, in messages. received = landed + rejected + deleted.
public struct SinkSummary: Sendable, Equatable {
  /// Messages read from the topic.
  public var received = 0
  /// Messages that became rows, including those that a later message of the same batch superseded.
  public var landed = 0
  /// Messages that became rejected records.
  public var rejected = 0
  /// Tombstones that deleted the row of their key.
  public var deleted = 0
  /// Offsets that retention deleted before they were read.
  public var expired = 0
  /// Messages whose COMMIT response was lost and whose commit was confirmed later; they are in no other count.
  public var confirmedLater = 0
  /// Number of transactions that landed messages.
  public var batches = 0
  /// Bytes of keys and payloads received.
  public var bytes = 0

  /// Zero counts.
  public init() {}

  static func += (sum: inout Self, more: Self) {
    sum.received += more.received
    sum.landed += more.landed
    sum.rejected += more.rejected
    sum.deleted += more.deleted
    sum.expired += more.expired
    sum.confirmedLater += more.confirmedLater
    sum.batches += more.batches
    sum.bytes += more.bytes
  }
}

/// An error that ends the run and comes neither from Kafka (`KafkaError`) nor from Postgres (`PostgresError`).
public struct SinkError: Error, Sendable, Equatable {
  /// The cause, which decides the exit status.
  public enum Kind: Sendable, Equatable {
    /// Broker, topic or database were unavailable for too long, or a transaction stayed open.
    case unavailable
    /// The table differs from the description, or the topic was recreated and the rows have no key.
    case configuration
    /// A bug in this program, or an unknown condition.
    case `internal`
    /// A signal came before the end.
    case stopped

    /// The exit status of the program (docs/operations.md). A run that a signal ends has the signal's status instead.
    public var exitStatus: Int32 {
      switch self {
      case .unavailable: 69
      case .configuration: 78
      case .internal, .stopped: 70
      }
    }
  }

  /// The cause.
  public let kind: Kind
  /// One sentence without a period.
  public let message: String
  /// The remedy, if there is one; a statement to run is on a separate line.
  public let hint: String?

  /// An error with its remedy.
  public init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  static let stopped = SinkError(.stopped, "stopped by a signal")
}

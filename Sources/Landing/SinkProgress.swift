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
  /// Messages whose COMMIT response was lost and whose commit was confirmed later, without rejected records; they are in no other count.
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

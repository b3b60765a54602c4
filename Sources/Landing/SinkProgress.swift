/// The counts of a run, in messages. received = landed + rejected + deleted.
package struct SinkSummary: Sendable, Equatable {
  /// Messages read from the topic.
  package var received = 0
  /// Messages that became rows, including those that a later message of the same batch superseded.
  package var landed = 0
  /// Messages that became rejected records.
  package var rejected = 0
  /// Tombstones that deleted the row of their key.
  package var deleted = 0
  /// Offsets that retention deleted before they were read.
  package var expired = 0
  /// Messages whose COMMIT response was lost and whose commit was confirmed later, without rejected records; they are in no other count.
  package var confirmedLater = 0
  /// Number of transactions that landed messages.
  package var batches = 0
  /// Bytes of keys and payloads received.
  package var bytes = 0

  /// Zero counts.
  package init() {}

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
package struct SinkProgress: Sendable {
  /// Counts so far.
  package var summary = SinkSummary()
  /// Lag by partition: offsets between the read position and the high watermark.
  package var lag: [Int32: Int64] = [:]
  /// `--exit-at-end`: the share of all offsets that has been read, 0...1; otherwise nil.
  package var fraction: Double?
  /// Seconds that the reader spent polling Kafka.
  package var secondsInKafka = 0.0
  /// Seconds that the writer spent in Postgres, including waiting.
  package var secondsInPostgres = 0.0
  /// Number of retried transactions and connections.
  package var retries = 0
  /// The current database failure, or nil. May be called from any thread, also while the run waits.
  package internal(set) var databaseFailure: @Sendable () -> String? = { nil }

  /// Progress with zero counts.
  package init() {}
}

/// The sink for the log lines of a run. Called on both threads of the run.
struct SinkLog: Sendable {
  /// Severity, ascending.
  enum Level: Sendable, Comparable {
    case debug, info, warning, error
  }

  /// Discards all lines.
  static let silent = SinkLog { _, _ in }

  private let sink: @Sendable (Level, String) -> Void

  init(_ sink: @escaping @Sendable (Level, String) -> Void) { self.sink = sink }

  func callAsFunction(_ level: Level, _ text: String) { sink(level, text) }
}

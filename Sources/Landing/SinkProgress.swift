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

/// How far a landing has come, for a progress bar and for metrics.
public struct SinkProgress: Sendable {
  public var summary = SinkSummary()
  /// Messages between what was read and the end of each partition, by partition.
  public var lag: [Int32: Int64] = [:]
  /// `--exit-at-end`: how much of all offsets to read is done, 0...1.
  public var fraction: Double?
  /// Time the reader waited for Kafka.
  public var secondsInKafka = 0.0
  /// Time the writer worked or waited in Postgres.
  public var secondsInPostgres = 0.0
  /// Transactions and connections tried again.
  public var retries = 0
  /// What is wrong with the database now, if anything; may be asked from any thread, also while this run waits.
  public internal(set) var databaseFailure: @Sendable () -> String? = { nil }

  public init() {}
}

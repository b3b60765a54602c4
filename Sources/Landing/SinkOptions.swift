import Kafka

/// What a landing is told by its user.
public struct SinkOptions: Sendable {
  /// What becomes of a message without a payload.
  public enum Tombstones: String, Sendable, CaseIterable {
    case reject, delete
  }

  public var topic: String
  public var group = "netflix-consumer"
  /// The table, with or without its schema.
  public var table: String
  /// A URL or libpq's words; nil leaves it to the PG* variables.
  public var database: String?
  /// Read up to the end seen at the start, then stop; else follow as a member of the group.
  public var exitAtEnd = false
  public var fromBeginning = false
  /// With `fromBeginning`: empty the table as well.
  public var replace = false
  /// Land in a table that was not made for this: columns are added to it, and rows land beside its own.
  public var adoptTable = false
  public var batchRows = 50_000
  public var batchSeconds = 1.0
  public var tombstones = Tombstones.reject
  public var retrySeconds = 90
  /// How long an open transaction below the end is waited for at least: the broker ends one in transaction.timeout.ms, 60 s by the producer's
  /// default, and looks every 10 s.
  var openTransactionTimeoutSeconds = 75
  /// After how long another run's session that holds offsets and sends nothing is ended.
  var stuckSessionTimeoutSeconds = 60

  public init(topic: String, table: String) {
    self.topic = topic
    self.table = table
  }

  /// Bytes of rows, rejects and kept payloads in one batch: two batches exist, and all of the program stays under 64 MB.
  static let batchBytes = 13 << 20
  /// Messages and bytes in a batch that is replayed with its payloads kept.
  static let maxIsolationRows = 1000
  static let maxIsolationBytes = 4 << 20
}

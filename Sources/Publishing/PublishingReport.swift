/// The result of a run, successful or not.
public struct PublishingReport {
  /// Rows, messages and bytes of a run.
  public struct Counts: Sendable, Equatable {
    /// Rows read from the file, including rejected ones.
    public var read = 0
    /// Rows with only empty cells, which are skipped and not counted in `read`.
    public var blank = 0
    /// Rows that were rejected.
    public var rejected = 0
    /// Messages passed to librdkafka.
    public var sent = 0
    /// Bytes of the keys and values of these messages.
    public var bytes = 0
    /// Messages acknowledged by all in-sync replicas.
    public var delivered = 0
    /// Messages visible to readers: without a transaction the delivered ones, with a transaction all or none.
    public var published = 0

    /// All zero.
    public init() {}
  }

  /// The topic that the run published to.
  public var topic: String
  /// Rows, messages and bytes.
  public var counts: Counts
  /// True if the run used a transaction.
  public var isAtomic: Bool
  /// The error that made the run fail: `PublishingError`, `KafkaError`, `DatasetError`, or the error of the reader's source.
  public var failure: (any Error)?

  /// Creates a report; the parameters are the properties above.
  public init(topic: String, counts: Counts, isAtomic: Bool, failure: (any Error)? = nil) {
    self.topic = topic
    self.counts = counts
    self.isAtomic = isAtomic
    self.failure = failure
  }
}

/// What a run did, whatever ended it.
public struct PublishingReport {
  public struct Counts: Sendable, Equatable {
    /// Rows of the file that were read, bad ones among them.
    public var read = 0
    /// Rows of empty cells, which are skipped and not among those read.
    public var blank = 0
    /// Rows that could not be messages.
    public var rejected = 0
    /// Messages handed to librdkafka, and the bytes of their keys and values.
    public var sent = 0
    public var bytes = 0
    /// Messages that all in-sync replicas acknowledged.
    public var delivered = 0
    /// Messages that readers can see: without a transaction what was delivered, with one all or nothing.
    public var published = 0

    public init() {}
  }

  public var topic: String
  public var counts: Counts
  public var isAtomic: Bool
  /// Why the run is no success: `PublishingError`, `KafkaError`, `DatasetError` or what reading threw.
  public var failure: (any Error)?

  public init(topic: String, counts: Counts, isAtomic: Bool, failure: (any Error)? = nil) {
    self.topic = topic
    self.counts = counts
    self.isAtomic = isAtomic
    self.failure = failure
  }
}

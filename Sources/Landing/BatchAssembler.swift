/// The batch that is being filled and the one that is being written: when the first is full or due, and from which epoch each is.
///
/// It does no I/O: `BatchPipeline` appends messages to `current` and hands `submit`'s batch to the writer. Two batches are reused for the whole run,
/// which keeps memory flat.
struct BatchAssembler {
  private let maxRows: Int
  private let maxAge: Duration
  /// The batch that messages are appended to.
  private(set) var current = Batch()
  /// The batch that is or was written last.
  private(set) var inFlight = Batch()
  /// Counts rewinds. A batch of an earlier epoch holds messages that are read again.
  private var epoch = 0
  private var startedAt: ContinuousClock.Instant?

  /// - Parameters:
  ///   - maxRows: messages of a batch outside isolation mode.
  ///   - maxAge: seconds after its first message at which a batch is due.
  init(maxRows: Int, maxAge: Double) {
    self.maxRows = maxRows
    self.maxAge = .seconds(maxAge)
  }

  /// Discards the messages that were not submitted: they are read again.
  mutating func rewind() {
    epoch += 1
    current.clear()
    startedAt = nil
  }

  /// Sets how the current batch, which is empty, is built.
  mutating func begin(_ mode: (isIsolating: Bool, blamesRetriableErrors: Bool)) {
    current.epoch = epoch
    (current.isIsolating, current.blamesRetriableErrors) = mode
  }

  /// Whether the current batch has to be submitted before the next message is appended.
  ///
  /// - Parameter isolationRows: messages of a batch in isolation mode.
  func isFull(isolationRows: Int) -> Bool {
    current.isIsolating
      ? current.counts.received >= isolationRows || current.bytes >= FailureIsolation.maxBytes
      : current.counts.received >= maxRows || current.bytes >= SinkOptions.batchBytes
  }

  /// A poll ended: the age of a batch counts from the poll that brought its first message.
  mutating func recordPoll(at now: ContinuousClock.Instant) {
    if !current.isEmpty, startedAt == nil { startedAt = now }
  }

  /// Whether to submit the current batch although it is not full.
  ///
  /// - Parameters:
  ///   - hasOffsetCommits: offsets advance, over messages or gaps.
  ///   - isDrained: nothing more is at hand.
  func isDue(hasOffsetCommits: Bool, isDrained: Bool, at now: ContinuousClock.Instant) -> Bool {
    guard !current.isEmpty || hasOffsetCommits else { return false }
    return isDrained || startedAt.map { now - $0 >= maxAge } ?? false
  }

  /// Takes the current batch for the writer. The next one is empty; `begin` comes before its first message.
  mutating func submit(_ offsetCommits: [OffsetCommit], isDurable: Bool) -> Batch {
    precondition(current.epoch == epoch, "a batch of an earlier epoch holds messages that are read again")
    current.offsetCommits = offsetCommits
    current.isDurable = isDurable
    if current.counts.received > 0 { current.counts.batches = 1 }
    swap(&current, &inFlight)
    current.clear()
    startedAt = nil
    return inFlight
  }

  /// Takes a batch without messages, while the writer is free: to make earlier commits durable, or without offsets to commit to ask Postgres
  /// whether it responds and has the expected offsets.
  mutating func submitWithoutMessages(
    _ offsetCommits: [OffsetCommit] = [], expecting expectedOffsets: [(partition: Int32, next: Int64?)] = []
  ) -> Batch {
    inFlight.clear()
    inFlight.epoch = epoch
    inFlight.offsetCommits = offsetCommits
    inFlight.expectedOffsets = expectedOffsets
    return inFlight
  }
}

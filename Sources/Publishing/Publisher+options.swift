import Dataset

extension Publisher {
  public struct Options: Sendable {
    /// What a row that does not fit its description does to the run.
    public enum RejectPolicy: String, Sendable, CaseIterable {
      /// Nothing after it is sent.
      case stop
      /// It is set aside and the next one is read.
      case skip
    }

    /// All rows become visible together, or none.
    public var isAtomic: Bool
    public var onBadRow: RejectPolicy

    public init(isAtomic: Bool = false, onBadRow: RejectPolicy = .stop) {
      self.isAtomic = isAtomic
      self.onBadRow = onBadRow
    }
  }

  /// Who watches a run. Every closure is called on the thread that publishes.
  public struct Observer {
    /// Asked at least ten times a second while the run waits, and once in a thousand rows: true ends it in good order.
    public var isStopped: () -> Bool
    /// The counts so far, and how many bytes of the file are read.
    public var progress: (PublishingReport.Counts, Int) -> Void
    /// A row that was set aside, and how many it makes.
    public var rowRejected: (RejectedRow, Int) -> Void

    public init(
      isStopped: @escaping () -> Bool = { false }, progress: @escaping (PublishingReport.Counts, Int) -> Void = { _, _ in },
      badRow: @escaping (RejectedRow, Int) -> Void = { _, _ in }
    ) {
      self.isStopped = isStopped
      self.progress = progress
      self.rowRejected = badRow
    }
  }
}

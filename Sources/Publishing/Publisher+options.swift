import Dataset

extension Publisher {
  /// How a run handles rejected rows, and whether it is atomic.
  public struct Options: Sendable {
    /// How the run handles a row that does not match its description.
    public enum RejectPolicy: String, Sendable, CaseIterable {
      /// The run ends; no row after the rejected one is sent.
      case stop
      /// The row is rejected and the run continues with the next one.
      case skip
    }

    /// True if all rows become visible to readers together, or none.
    public var isAtomic: Bool
    /// How the run handles a rejected row.
    public var onBadRow: RejectPolicy

    /// Without arguments: no transaction, and the first rejected row ends the run.
    public init(isAtomic: Bool = false, onBadRow: RejectPolicy = .stop) {
      self.isAtomic = isAtomic
      self.onBadRow = onBadRow
    }
  }

  /// Callbacks of a run. Every closure is called on the publishing thread.
  public struct Observer {
    /// Called at least ten times a second while the run waits, and about once per thousand rows. Returning true cancels the run cleanly.
    public var isStopped: () -> Bool
    /// Receives the counts so far, and the bytes read from the file.
    public var progress: (PublishingReport.Counts, Int) -> Void
    /// Receives each row that was rejected and skipped, and the number of rejected rows including it.
    public var rowRejected: (RejectedRow, Int) -> Void

    /// Creates an observer; callbacks that are left out do nothing.
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

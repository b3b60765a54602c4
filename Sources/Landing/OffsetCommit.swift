/// A partition's step from one stored offset to the next, made in the transaction that lands what lies between.
struct OffsetCommit: Sendable, Equatable {
  struct LastRecord: Sendable, Equatable {
    let offset: Int64
    /// Milliseconds since the epoch, as delivered.
    let timestamp: Int64
  }

  let partition: Int32
  /// What must be stored by then; nil: nothing read yet.
  let expected: Int64?
  let next: Int64
  /// The last message read, where one was.
  let last: LastRecord?
}

/// A partition's row of netflix_offsets.
struct StoredOffset: Sendable, Equatable {
  let partition: Int32
  /// nil: nothing read yet, begin at the log's start.
  let next: Int64?
  let cluster: String?
  let last: OffsetCommit.LastRecord?
}

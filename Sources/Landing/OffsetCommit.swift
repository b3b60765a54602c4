/// The change of a partition's stored offset, made in the transaction that lands the records between the old and the new offset.
struct OffsetCommit: Sendable, Equatable {
  struct LastRecord: Sendable, Equatable {
    let offset: Int64
    /// Milliseconds since the Unix epoch, as delivered by librdkafka.
    let timestamp: Int64
  }

  let partition: Int32
  /// The offset that must be stored when the transaction runs; nil: nothing read yet.
  let expected: Int64?
  let next: Int64
  /// The last message read; nil if none was.
  let last: LastRecord?
}

/// A partition's row of netflix_offsets.
struct StoredOffset: Sendable, Equatable {
  let partition: Int32
  /// The next offset to read; nil: nothing read yet, start at the beginning of the log.
  let next: Int64?
  let cluster: String?
  let last: OffsetCommit.LastRecord?
}

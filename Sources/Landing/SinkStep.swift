/// What a step of a run leads to.
enum SinkStep: Equatable {
  case `continue`
  /// The messages already fetched in the same poll are discarded.
  case recover(RecoveryAction)
  case finished
}

/// What has to be done before reading continues.
enum RecoveryAction: Equatable {
  /// Discard what is in flight, read the stored offsets, assign from there.
  case rewind
  /// The table may have changed: check it as at the start, then rewind.
  case ensureSchema
  /// An offset is out of range, or the log may be another one: check the topic as at the start, then rewind.
  case revalidateTopic
}

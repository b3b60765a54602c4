/// How far one partition is read.
struct Position: Sendable {
  let partition: Int32
  /// What is stored once the batches that are under way have landed; nil: nothing read yet.
  var stored: Int64?
  /// Behind everything that was read; nil: the log's start.
  var next: Int64?
  /// The last message read since the last batch was handed over.
  var last: Move.Last?
  /// `--exit-at-end`: the high watermark at the start, which is read up to and not beyond.
  let end: Int64?
  /// Nothing more is readable now.
  var isAtEnd = false
  /// Messages beyond the end came: reading on would only throw them away.
  var isPastEnd = false
  /// Since when nothing is readable although the end is not reached: a transaction is open.
  var waitingSince: ContinuousClock.Instant?

  init(partition: Int32, stored: Int64?, end: Int64?) {
    self.partition = partition
    self.stored = stored
    next = stored
    self.end = end
  }

  /// `--exit-at-end`: all was read that was there at the start.
  var isDone: Bool {
    guard let end, let next else { return false }
    return next >= end
  }

  /// There is a step to store.
  var move: Move? {
    guard let next, next != stored else { return nil }
    return Move(partition: partition, expected: stored, next: next, last: last)
  }

  mutating func handedOver() {
    stored = next
    last = nil
  }

  /// The position behind everything readable, as a partition's end is told.
  mutating func reached(_ position: Int64) {
    next = max(next ?? 0, position)
    isAtEnd = true
  }
}

/// What was done, counted in messages. received = landed + rejected + deleted.
public struct SinkSummary: Sendable, Equatable {
  public var received = 0
  /// Messages whose row is in the table, or was, until a later message of its batch took its place.
  public var landed = 0
  public var rejected = 0
  public var deleted = 0
  /// Offsets that retention took before they were read.
  public var expired = 0
  /// Messages that turned out to have landed although the answer to their COMMIT never came; in no other count.
  public var confirmedLater = 0
  /// Transactions that landed messages.
  public var batches = 0
  /// Bytes of keys and payloads received.
  public var bytes = 0

  public init() {}

  static func += (sum: inout Self, more: Self) {
    sum.received += more.received
    sum.landed += more.landed
    sum.rejected += more.rejected
    sum.deleted += more.deleted
    sum.expired += more.expired
    sum.confirmedLater += more.confirmedLater
    sum.batches += more.batches
    sum.bytes += more.bytes
  }
}

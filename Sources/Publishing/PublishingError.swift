import Dataset

/// Why a run ended without every row published, where neither Kafka nor the description is to blame.
public enum PublishingError: Error, Equatable {
  /// A bad row, and the run was to stop there.
  case rowRejected(RejectedRow, source: String)
  /// The file was read to its end, but some rows were set aside.
  case rowsRejected(Int, of: Int, first: RejectedRow, source: String)
  /// The file of bad rows cannot be written, for the system's reason.
  case rejects(path: String, reason: String)
  /// The observer wished it.
  case cancelled
  /// librdkafka reported fewer deliveries than it took messages.
  case deliveryMismatch(sent: Int, delivered: Int)
}

extension PublishingError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .rowRejected(let bad, let source): Self.text(bad, source)
    case .rowsRejected(let count, let total, let first, let source):
      "\(count) of \(total) rows \(count == 1 ? "is no message" : "are no messages"); the first: \(Self.text(first, source))"
    case .rejects(let path, let reason): "\(path): \(reason)"
    case .cancelled: "stopped before the end"
    case .deliveryMismatch(let sent, let delivered): "\(sent) messages were sent and \(delivered) delivered"
    }
  }

  /// `file:line:column: reason`, as compilers and editors write it.
  public static func text(_ bad: RejectedRow, _ source: String) -> String { "\(source):\(bad.line):\(bad.column): \(bad.reason)" }
}

import Dataset

/// Why a run did not publish every row, for causes other than Kafka and the description.
public enum PublishingError: Error, Equatable {
  /// A row was rejected, and the policy is to stop.
  case rowRejected(RejectedRow, source: String)
  /// The file was read to its end, but some rows were rejected.
  case rowsRejected(Int, of: Int, first: RejectedRow, source: String)
  /// The file of rejected rows cannot be written, with the system's reason.
  case rejects(path: String, reason: String)
  /// The observer cancelled the run.
  case cancelled
  /// librdkafka reported fewer deliveries than it accepted messages.
  case deliveryMismatch(sent: Int, delivered: Int)
}

extension PublishingError: CustomStringConvertible {
  /// The message for a log or standard error.
  public var description: String {
    switch self {
    case .rowRejected(let bad, let source): Self.text(bad, source)
    case .rowsRejected(let count, let total, let first, let source):
      "\(count) of \(total) rows could not be published; the first: \(Self.text(first, source))"
    case .rejects(let path, let reason): "\(path): \(reason)"
    case .cancelled: "stopped before the end"
    case .deliveryMismatch(let sent, let delivered): "\(sent) messages were sent and \(delivered) delivered"
    }
  }

  /// `file:line:column: reason`, as compilers and editors write it.
  public static func text(_ bad: RejectedRow, _ source: String) -> String { "\(source):\(bad.line):\(bad.column): \(bad.reason)" }
}

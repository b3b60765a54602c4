/// Why a landing cannot go on, where it is neither Kafka's nor Postgres's own error.
public struct SinkError: Error, Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// Broker, topic or database were away for too long, or a transaction was left open.
    case unavailable
    /// The table differs from the description, or the topic was made anew and the rows have no key.
    case configuration
    /// A bug of ours, or something that we do not know.
    case `internal`
    /// A signal came before the end.
    case stopped

    /// The status that a program exits with (DESIGN's table); a signal has its own.
    public var exitStatus: Int32 {
      switch self {
      case .unavailable: 69
      case .configuration: 78
      case .internal, .stopped: 70
      }
    }
  }

  public let kind: Kind
  public let message: String
  /// What to do; a statement to run stands on a line of its own.
  public let advice: String?

  public init(_ kind: Kind, _ message: String, advice: String? = nil) {
    self.kind = kind
    self.message = message
    self.advice = advice
  }

  static let stopped = SinkError(.stopped, "stopped by a signal")
}

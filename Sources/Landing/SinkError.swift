/// An error that ends the run and comes neither from Kafka (`KafkaError`) nor from Postgres (`PostgresError`).
public struct SinkError: Error, Sendable, Equatable {
  /// The cause, which decides the exit status.
  public enum Kind: Sendable, Equatable {
    /// Broker, topic or database were unavailable for too long, or a transaction stayed open.
    case unavailable
    /// The table differs from the description, or the topic was recreated and the rows have no key.
    case configuration
    /// A bug in this program, or an unknown condition.
    case `internal`
    /// A signal came before the end.
    case stopped

    /// The exit status of the program (docs/operations.md). A run that a signal ends has the signal's status instead.
    public var exitStatus: Int32 {
      switch self {
      case .unavailable: 69
      case .configuration: 78
      case .internal, .stopped: 70
      }
    }
  }

  /// The cause.
  public let kind: Kind
  /// One sentence without a period.
  public let message: String
  /// The remedy, if there is one; a statement to run is on a separate line.
  public let hint: String?

  /// An error with its remedy.
  public init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  static let stopped = SinkError(.stopped, "stopped by a signal")
}

/// An error that ends the run and comes neither from Kafka (`KafkaError`) nor from Postgres (`PostgresError`).
package struct SinkError: Error, Sendable, Equatable {
  /// The cause, which decides the exit status.
  package enum Kind: Sendable, Equatable {
    /// An offset or a partition that the topic does not have.
    case usage
    /// Broker, topic or database were unavailable for too long, or a transaction stayed open.
    case unavailable
    /// The table differs from the description, or the topic was recreated and the rows have no key.
    case configuration
    /// A bug in this program, or an unknown condition.
    case `internal`
    /// A signal came before the end.
    case stopped

    /// The exit status of the program (docs/operations.md). A run that a signal ends has the signal's status instead.
    package var exitStatus: Int32 {
      switch self {
      case .usage: 64
      case .unavailable: 69
      case .configuration: 78
      case .internal, .stopped: 70
      }
    }
  }

  /// The cause.
  package let kind: Kind
  /// One sentence without a period.
  package let message: String
  /// The remedy, if there is one; a statement to run is on a separate line.
  package let hint: String?

  /// An error with its remedy.
  package init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  static let stopped = SinkError(.stopped, "stopped by a signal")
}

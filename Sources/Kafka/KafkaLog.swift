/// The sink for log lines of a client: each state change once, not every attempt.
///
/// Also called on librdkafka's threads: the closure must return quickly and must not call the client.
public struct KafkaLog: Sendable {
  /// Severity, ascending.
  public enum Level: Sendable, Comparable {
    case debug, info, warning, error
  }

  private let sink: @Sendable (Level, String) -> Void

  /// A log that passes each line to `sink`.
  public init(_ sink: @escaping @Sendable (Level, String) -> Void) { self.sink = sink }

  /// Discards all lines.
  public static let silent = KafkaLog { _, _ in }

  /// Logs one line.
  public func callAsFunction(_ level: Level, _ text: String) { sink(level, text) }
}

/// Where the client tells what it meets on its way: state changes once, not each attempt.
///
/// Called from threads of librdkafka's, too: the closure must be quick and must not call back into the client.
public struct KafkaLog: Sendable {
  public enum Level: Sendable, Comparable {
    case debug, info, warning, error
  }

  private let sink: @Sendable (Level, String) -> Void

  public init(_ sink: @escaping @Sendable (Level, String) -> Void) { self.sink = sink }

  /// Says nothing.
  public static let silent = KafkaLog { _, _ in }

  public func callAsFunction(_ level: Level, _ text: String) { sink(level, text) }
}

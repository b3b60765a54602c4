/// The sink for the log lines of a run. Called on both threads of the run.
struct SinkLog: Sendable {
  /// Severity, ascending.
  enum Level: Sendable, Comparable {
    case debug, info, warning, error
  }

  /// Discards all lines.
  static let silent = SinkLog { _, _ in }

  private let sink: @Sendable (Level, String) -> Void

  init(_ sink: @escaping @Sendable (Level, String) -> Void) { self.sink = sink }

  func callAsFunction(_ level: Level, _ text: String) { sink(level, text) }
}

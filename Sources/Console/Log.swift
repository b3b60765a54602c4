/// Lines on standard error, by level.
public struct Log: Sendable {
  /// The level of a line.
  public enum Level: Int, Comparable, Sendable {
    case error, warning, info, debug

    /// Orders levels from error (lowest) to debug (highest).
    public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
  }

  /// The most verbose level that is shown.
  public var level: Level

  /// A log that shows `level` and less verbose ones.
  public init(level: Level = .info) { self.level = level }

  /// The default level is info; `-v` adds debug, `-q` shows warnings and errors only, `-qq` errors only.
  public init(verbose: Int, quiet: Int) {
    let value = Level.info.rawValue + verbose - quiet
    level = Level(rawValue: min(max(value, Level.error.rawValue), Level.debug.rawValue)) ?? .info
  }

  /// Writes an error line.
  public func error(_ text: @autoclosure () -> String) { write(.error, text) }
  /// Writes a warning line.
  public func warning(_ text: @autoclosure () -> String) { write(.warning, text) }
  /// Writes an info line, without a prefix.
  public func info(_ text: @autoclosure () -> String) { write(.info, text) }
  /// Writes a debug line.
  public func debug(_ text: @autoclosure () -> String) { write(.debug, text) }

  private func write(_ level: Level, _ text: () -> String) {
    if level <= self.level { StandardError.line(Self.format(level, text(), colours: StandardError.hasColours)) }
  }

  /// Formats one line; messages of servers and libraries may end with a newline.
  static func format(_ level: Level, _ text: String, colours: Bool) -> String {
    var text = text
    while text.last == "\n" { text.removeLast() }
    text = text.printable
    return switch level {
    case .error: (colours ? "\u{1B}[1;31merror:\u{1B}[0m " : "error: ") + text
    case .warning: (colours ? "\u{1B}[1;33mwarning:\u{1B}[0m " : "warning: ") + text
    case .info: text
    case .debug: colours ? "\u{1B}[2m\(text)\u{1B}[0m" : "debug: " + text
    }
  }

  /// Writes an error and its hint, at every level.
  static func report(_ failure: CommandError) {
    Log().error(failure.message)
    if let advice = failure.advice {
      for line in advice.split(separator: "\n", omittingEmptySubsequences: false) {
        StandardError.line(line.isEmpty ? "" : "  " + String(line).printable)
      }
    }
  }
}

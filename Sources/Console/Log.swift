import Glibc
import Synchronization

/// Lines on standard error, by level.
package struct Log: Sendable {
  /// The level of a line.
  package enum Level: Int, Comparable, Sendable {
    case error, warning, info, debug

    /// Orders levels from error (lowest) to debug (highest).
    package static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
  }

  /// The most verbose level that is shown.
  package var level: Level

  /// A log that shows `level` and less verbose ones.
  package init(level: Level = .info) { self.level = level }

  /// The default level is info; `-v` adds debug, `-q` shows warnings and errors only, `-qq` errors only.
  package init(verbose: Int, quiet: Int) {
    let value = Level.info.rawValue + verbose - quiet
    level = Level(rawValue: min(max(value, Level.error.rawValue), Level.debug.rawValue)) ?? .info
  }

  /// Writes an error line.
  package func error(_ text: @autoclosure () -> String) { write(.error, text) }
  /// Writes a warning line.
  package func warning(_ text: @autoclosure () -> String) { write(.warning, text) }
  /// Writes an info line, without a prefix.
  package func info(_ text: @autoclosure () -> String) { write(.info, text) }
  /// Writes a debug line.
  package func debug(_ text: @autoclosure () -> String) { write(.debug, text) }

  private func write(_ level: Level, _ text: () -> String) {
    if level <= self.level { StandardError.line(Self.format(level, text(), colors: StandardError.hasColors)) }
  }

  /// Formats one line; messages of servers and libraries may end with a newline.
  static func format(_ level: Level, _ text: String, colors: Bool) -> String {
    var text = text
    while text.last == "\n" { text.removeLast() }
    text = text.printable
    return switch level {
    case .error: (colors ? "\u{1B}[1;31merror:\u{1B}[0m " : "error: ") + text
    case .warning: (colors ? "\u{1B}[1;33mwarning:\u{1B}[0m " : "warning: ") + text
    case .info: text
    case .debug: colors ? "\u{1B}[2m\(text)\u{1B}[0m" : "debug: " + text
    }
  }

  /// Writes an error and its hint, at every level.
  package static func report(_ failure: CommandError) {
    Log().error(failure.message)
    if let hint = failure.hint {
      for line in hint.split(separator: "\n", omittingEmptySubsequences: false) {
        StandardError.line(line.isEmpty ? "" : "  " + String(line).printable)
      }
    }
  }
}

/// Standard error, shared by log lines and the progress bar, which stays the last line of a terminal.
package enum StandardError {
  static let isTerminal = Terminal.isTerminal(STDERR_FILENO)
  static let hasColors = Terminal.hasColors(STDERR_FILENO)
  static var columns: Int { Terminal.columns(STDERR_FILENO) }

  private static let bar = Mutex("")

  /// Writes a line at once, unchanged: untrusted text must be ``Swift/String/printable``. Write errors are ignored, because they cannot be reported.
  package static func line(_ text: String) {
    bar.withLock { bar in
      write(bar.isEmpty ? text + "\n" : "\r\u{1B}[K" + text + "\n" + bar)
    }
  }

  /// Redraws the bar; an empty text removes it.
  static func draw(bar text: String) {
    bar.withLock { bar in
      if bar != text { write("\r\u{1B}[K" + text) }
      bar = text
    }
  }

  private static func write(_ text: String) {
    var text = text
    _ = text.withUTF8 { FileDescriptorIO.write(STDERR_FILENO, UnsafeRawBufferPointer($0)) }
  }
}

extension String {
  /// The text in a form that is safe to print: one line that cannot move the cursor, change the reading order, or hide a part.
  ///
  /// Cells, names, titles, payloads and servers' messages are untrusted. Control characters (C0, C1), line and paragraph separators,
  /// bidirectional controls and invisible characters become JSON escapes (`\n`, `\u001b`, `\u202e`), so JSON keeps its value.
  /// Joiners and variation selectors after a non-ASCII character are kept, because scripts and emoji need them.
  /// Printable text is returned unchanged.
  package var printable: String {
    if utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return self }
    var text = ""
    text.reserveCapacity(utf8.count)
    var previous: Unicode.Scalar = " "
    for scalar in unicodeScalars {
      if scalar.isSafe(after: previous) {
        text.unicodeScalars.append(scalar)
        previous = scalar
      } else {
        text += scalar.escaped
        previous = " "
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  fileprivate func isSafe(after previous: Unicode.Scalar) -> Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return false
    default: break
    }
    guard properties.isDefaultIgnorableCodePoint else { return true }
    // Only one: a sequence of selectors can carry hidden text.
    if properties.isVariationSelector { return !previous.isASCII && !previous.properties.isDefaultIgnorableCodePoint }
    return properties.isJoinControl && !previous.isASCII && !previous.properties.isJoinControl
  }

  fileprivate var escaped: String {
    switch self {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default:
      UTF16.encode(self)?.map { unit in
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }.joined() ?? ""
    }
  }
}

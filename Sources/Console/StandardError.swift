import Glibc
import Synchronization

/// Standard error, shared by log lines and the progress bar, which stays the last line of a terminal.
enum StandardError {
  static let isTerminal = isatty(STDERR_FILENO) == 1 && Environment.value("TERM") != "dumb"
  static let hasColours = isTerminal && (Environment.value("NO_COLOR") ?? "").isEmpty

  private static let bar = Mutex("")

  /// Writes a line at once; failure to write it has nowhere to be told.
  static func line(_ text: String) {
    bar.withLock { bar in
      write(bar.isEmpty ? text + "\n" : "\r\u{1B}[K" + text + "\n" + bar)
    }
  }

  /// Draws the bar anew; an empty one wipes it away.
  static func draw(bar text: String) {
    bar.withLock { bar in
      if bar != text { write("\r\u{1B}[K" + text) }
      bar = text
    }
  }

  private static func write(_ text: String) {
    var text = text
    _ = text.withUTF8 { Descriptor.write(STDERR_FILENO, UnsafeRawBufferPointer($0)) }
  }

  static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}

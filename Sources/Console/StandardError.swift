import Glibc
import Synchronization

/// Standard error, shared by log lines and the progress bar, which stays the last line of a terminal.
public enum StandardError {
  static let isTerminal = Terminal.isTerminal(STDERR_FILENO)
  static let hasColours = Terminal.hasColours(STDERR_FILENO)
  static var columns: Int { Terminal.columns(STDERR_FILENO) }

  private static let bar = Mutex("")

  /// Writes a line at once, unchanged: untrusted text must be ``Swift/String/printable``. Write errors are ignored, because they cannot be reported.
  public static func line(_ text: String) {
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

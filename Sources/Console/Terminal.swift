import Glibc

/// The terminal that a descriptor leads to.
public enum Terminal {
  /// Whether a person looks at it.
  public static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 && Environment.value("TERM") != "dumb" }

  /// Whether to write in colour: a terminal, and NO_COLOR (no-color.org) is not set.
  public static func hasColours(_ descriptor: Int32) -> Bool {
    isTerminal(descriptor) && (Environment.value("NO_COLOR") ?? "").isEmpty
  }

  /// Columns; 100 where it is no terminal or does not say.
  public static func columns(_ descriptor: Int32) -> Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
    return Int(size.ws_col)
  }

  /// Of standard output.
  static var columns: Int { max(40, columns(STDOUT_FILENO)) }
}

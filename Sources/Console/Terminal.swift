import Glibc

/// The terminal of a descriptor.
public enum Terminal {
  /// Whether the descriptor is a terminal, and TERM is not `dumb`.
  public static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 && Environment.value("TERM") != "dumb" }

  /// Whether to write in color: the descriptor is a terminal, and NO_COLOR (no-color.org) is not set.
  public static func hasColours(_ descriptor: Int32) -> Bool {
    isTerminal(descriptor) && (Environment.value("NO_COLOR") ?? "").isEmpty
  }

  /// The width in columns; 100 if it is not a terminal or the width is unknown.
  public static func columns(_ descriptor: Int32) -> Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
    return Int(size.ws_col)
  }

  /// The columns of standard output, at least 40.
  static var columns: Int { max(40, columns(STDOUT_FILENO)) }
}

import Console
import Glibc

/// Prints the demo's steps and tables on standard output, or on standard error if standard output is machine-readable.
struct StepPrinter {
  let quiet: Bool
  let toStandardError: Bool

  private var descriptor: Int32 { toStandardError ? STDERR_FILENO : STDOUT_FILENO }
  private var hasColours: Bool { Terminal.hasColours(descriptor) }
  /// Width in columns.
  var width: Int { Terminal.columns(descriptor) }

  func say(_ text: String = "") throws { try put(text.printable) }

  private func put(_ line: String) throws {
    guard !quiet else { return }
    if toStandardError {
      StandardError.line(line)
    } else {
      try StandardOutput.print(line)
    }
  }

  /// `✓ Publish    21 rows …`, with further lines below the text.
  func step(_ name: String, _ lines: String...) throws {
    let tick = hasColours ? "\u{1B}[32m✓\u{1B}[0m" : "✓"
    let bold = hasColours ? "\u{1B}[1m\(name)\u{1B}[0m" : name
    let pad = String(repeating: " ", count: max(1, 11 - name.count))
    try put("\(tick) \(bold)\(pad)\(lines[0].printable)")
    for line in lines.dropFirst() { try say(String(repeating: " ", count: 13) + line) }
  }

  func heading(_ text: String) throws { try put(hasColours ? "\u{1B}[1m\(text.printable)\u{1B}[0m" : text.printable) }
}
